package dev.shadowplane.dataplane.telemetry;

import dev.shadowplane.dpdk.FileSpace;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.EnumSet;
import java.util.Set;

/** Names, modes and the making of the files in the data plane's directory. */
final class TelemetryFiles {
  static final String COUNTERS = "counters.dat";
  static final String ATTACH = "attach.dat";
  static final String CONTROL_LOCK = "control.lock";
  static final String DATAPLANE_LOCK = "dataplane.lock";

  /** Control may not write. */
  static final String READ_BY_GROUP = "rw-r-----";

  /** Control writes too. */
  static final String WRITE_BY_GROUP = "rw-rw----";

  private static final String DIRECTORY_MODE = "rwxr-x---";
  private static final String GROUP = "shadowplane";

  private TelemetryFiles() {}

  /**
   * Makes the directory, or accepts one that nobody but its owner can write to: control must not be
   * able to put files of its own in the place of ours.
   */
  static void prepareDirectory(final Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      share(directory, DIRECTORY_MODE);
      return;
    }
    final Object owner = Files.getAttribute(directory, "unix:uid");
    if (!owner.equals(0) && !owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      throw new TelemetryException(
          directory + " belongs to user " + owner + ": chown it to this user or name another");
    }
    final Set<PosixFilePermission> others =
        EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    others.retainAll(Files.getPosixFilePermissions(directory));
    if (!others.isEmpty()) {
      throw new TelemetryException(
          directory + " can be written to by others than its owner: chmod 0750 it or name another");
    }
  }

  /** Makes a directory that control can look into. */
  static void createDirectory(final Path directory) throws IOException {
    Files.createDirectory(directory);
    share(directory, DIRECTORY_MODE);
  }

  /**
   * Makes a file of zeros and maps it. Its pages are reserved before, so that a full tmpfs is an
   * IOException here rather than a fault in the middle of a later store.
   */
  static MappedByteBuffer create(final Path file, final long lengthBytes, final String mode)
      throws IOException {
    final MappedByteBuffer mapping = createSparse(file, lengthBytes, mode);
    try {
      FileSpace.reserve(file, 0, lengthBytes);
      return mapping;
    } catch (final IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Makes a file and maps it. No page is to be touched before {@link FileSpace#reserve}. */
  static MappedByteBuffer createSparse(final Path file, final long lengthBytes, final String mode)
      throws IOException {
    Files.deleteIfExists(file);
    createEmpty(file);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      final MappedByteBuffer mapping = channel.map(MapMode.READ_WRITE, 0, lengthBytes);
      share(file, mode);
      return mapping;
    } catch (final IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Makes an empty file unless it is there: a lock file must keep its inode. */
  static void createLock(final Path file, final String mode) throws IOException {
    try {
      createEmpty(file);
    } catch (final FileAlreadyExistsException e) {
      return;
    }
    share(file, mode);
  }

  static MappedByteBuffer map(final Path file, final MapMode mode) throws IOException {
    final Set<StandardOpenOption> options =
        mode.equals(MapMode.READ_ONLY)
            ? EnumSet.of(StandardOpenOption.READ)
            : EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(file, options)) {
      return channel.map(mode, 0, channel.size());
    }
  }

  /** Deletes a directory of files, if it exists. */
  static void deleteDirectory(final Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (final Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private static void createEmpty(final Path file) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static void share(final Path path, final String mode) throws IOException {
    final PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    try {
      final GroupPrincipal group =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(GROUP);
      view.setGroup(group);
    } catch (final UserPrincipalNotFoundException | FileSystemException e) {
      // No such group on this host, or an unprivileged data plane outside it: then only processes
      // of the same user can attach.
    }
    view.setPermissions(PosixFilePermissions.fromString(mode));
  }
}
