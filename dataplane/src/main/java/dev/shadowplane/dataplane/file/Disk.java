package dev.shadowplane.dataplane.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The file system that a file is on. Also where the root is no mount point that the kernel lists,
 * as in a chroot, which Java's FileStore does not find.
 */
public final class Disk {
  private static final Path ROOT = Path.of("/");

  private Disk() {}

  /**
   * What a file is on.
   *
   * @param file that exists
   * @return the mount point and the device, or {@code /}: the same again when it is mounted again
   * @throws IOException when the file is gone
   */
  public static String of(Path file) throws IOException {
    return device(file).equals(device(ROOT)) ? "/" : Files.getFileStore(file).toString();
  }

  /**
   * How much may still be written there by this user.
   *
   * @param file that exists
   * @return bytes
   * @throws IOException when the file is gone
   */
  public static long usableBytes(Path file) throws IOException {
    final long bytes = file.toFile().getUsableSpace();
    if (bytes == 0 && !Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    return bytes;
  }

  private static Object device(Path file) throws IOException {
    return Files.getAttribute(file, "unix:dev");
  }
}
