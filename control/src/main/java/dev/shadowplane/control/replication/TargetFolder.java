package dev.shadowplane.control.replication;

import dev.shadowplane.control.replication.TreeEntry.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The folder that is made equal to the source. Contents are written beside it, in {@link #OWN}, and
 * put in their place by a rename, so that no reader ever sees a part of them. Links in the way are
 * removed, never followed.
 */
final class TargetFolder {
  /** What replication keeps in a target for itself; in a source it is passed over. */
  static final String OWN = ".shadowplane-replication";

  private static final String STAGING = "staging";
  private static final int OWNER_ALL = 0700;
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ,
  };

  private final Path root;
  private long staged;

  /** Makes the folder and what it keeps for itself, and clears away what a crash left there. */
  TargetFolder(final Path root) throws IOException {
    this.root = root;
    if (!Files.isDirectory(root)) {
      Files.createDirectory(root);
    }
    folder(OWN, OWNER_ALL);
    folder(OWN + "/" + STAGING, OWNER_ALL);
  }

  /** Clears away what a crash left; to be called by the only one who writes there. */
  void clearStaging() throws IOException {
    for (final String name : names(OWN + "/" + STAGING)) {
      delete(OWN + "/" + STAGING + "/" + name);
    }
  }

  /** Where replication keeps what is its own. */
  Path own() {
    return root.resolve(OWN);
  }

  Path path(final String relative) {
    return relative.isEmpty() ? root : root.resolve(relative);
  }

  @Nullable TreeEntry entry(final String relative) throws IOException {
    return TreeEntry.of(path(relative));
  }

  /** The names in a folder, but for our own; none if there is no such folder. */
  Set<String> names(final String relative) throws IOException {
    final Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path(relative))) {
      for (final Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (NoSuchFileException e) {
      return names;
    }
    if (relative.isEmpty()) {
      names.remove(OWN);
    }
    return names;
  }

  /** A path of its own, with nothing there yet, to write contents to. */
  Path stage() {
    return own().resolve(STAGING).resolve(Long.toString(staged++));
  }

  /** Puts a staged file or link in its place. */
  void publish(final Path from, final String relative) throws IOException {
    makeWay(relative, Kind.FILE);
    Files.move(
        from, path(relative), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Makes a folder, if it is not there, and gives it permissions; its owner always has all. */
  void folder(final String relative, final int mode) throws IOException {
    makeWay(relative, Kind.FOLDER);
    final Path path = path(relative);
    final TreeEntry there = TreeEntry.of(path);
    if (there == null) {
      Files.createDirectory(path);
    }
    if (there == null || there.mode() != (mode | OWNER_ALL)) {
      permit(path, mode | OWNER_ALL);
    }
  }

  /** Renames within the target; what is there already goes. */
  void move(final String from, final String to) throws IOException {
    delete(to);
    makeWay(to, Kind.FILE);
    Files.move(path(from), path(to), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes whatever is there, with all that it contains; no link is followed. */
  void delete(final String relative) throws IOException {
    final TreeEntry there = entry(relative);
    if (there == null) {
      return;
    }
    if (there.kind() != Kind.FOLDER) {
      Files.deleteIfExists(path(relative));
      return;
    }
    Files.walkFileTree(
        path(relative),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(final Path file, final IOException thrown)
              throws IOException {
            if (thrown instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw thrown;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              final Path folder, final @Nullable IOException thrown) throws IOException {
            if (thrown != null) {
              throw thrown;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Removes what is of another kind at a path, and makes the folders above it that are not there or
   * are something else.
   */
  private void makeWay(final String relative, final Kind kind) throws IOException {
    if (relative.isEmpty()) {
      return;
    }
    for (int slash = relative.indexOf('/'); slash > 0; slash = relative.indexOf('/', slash + 1)) {
      final String above = relative.substring(0, slash);
      final TreeEntry there = entry(above);
      if (there == null || there.kind() != Kind.FOLDER) {
        delete(above);
        Files.createDirectory(path(above));
      }
    }
    final TreeEntry there = entry(relative);
    if (there != null && (there.kind() == Kind.FOLDER) != (kind == Kind.FOLDER)) {
      delete(relative);
    }
  }

  /** Gives a file or folder permissions. */
  static void permit(final Path path, final int mode) throws IOException {
    final Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((mode >> bit & 1) != 0) {
        permissions.add(BITS[bit]);
      }
    }
    Files.setPosixFilePermissions(path, permissions);
  }

  /** Gives a file the time of its last change. */
  static void date(final Path path, final long modifiedNs) throws IOException {
    Files.getFileAttributeView(path, BasicFileAttributeView.class)
        .setTimes(FileTime.from(modifiedNs, TimeUnit.NANOSECONDS), null, null);
  }
}
