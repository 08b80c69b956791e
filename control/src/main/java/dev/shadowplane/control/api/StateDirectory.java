package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.config.ConfigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The folder that one running control has to itself, held by a lock that ends with the process. */
final class StateDirectory implements AutoCloseable {
  private final FileChannel channel;

  private StateDirectory(final FileChannel channel) {
    this.channel = channel;
  }

  /** Makes the folder if it is not there, and takes it. */
  static StateDirectory take(final Path directory) {
    final Path file = directory.resolve("control.lock");
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return lock(file);
    } catch (IOException e) {
      throw new ConfigException(
          "'state' "
              + directory
              + " cannot be used ("
              + e.getClass().getSimpleName()
              + " "
              + e.getMessage()
              + "): make it writable for this user, or set another 'state'");
    }
  }

  private static StateDirectory lock(final Path file) throws IOException {
    final FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      final FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new ConfigException(
            "another control (process "
                + Files.readString(file).strip()
                + ") uses 'state' "
                + file.getParent()
                + ": stop it, or set another 'state'");
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
      taken = true;
      return new StateDirectory(channel);
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private static @org.jspecify.annotations.Nullable FileLock tryLock(final FileChannel channel)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
