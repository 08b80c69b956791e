package dev.shadowplane.control.replication;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What lies at a path, read without following a link there.
 *
 * @param kind what it is.
 * @param inode its number in its file system.
 * @param mode its permissions: the lower nine bits.
 * @param links how many names it has.
 * @param size in bytes.
 * @param modifiedNs when its contents were changed, by its own account, since 1970.
 * @param changedNs when anything about it was changed, by the kernel's, since 1970.
 */
record TreeEntry(
    Kind kind, long inode, int mode, int links, long size, long modifiedNs, long changedNs) {
  private static final int PERMISSIONS = 0777;

  /** The bits of the mode that say what it is, and their values, as in inode(7). */
  private static final int TYPE = 0170000;

  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int SYMBOLIC_LINK = 0120000;

  /** Not all there is: owners would be looked up by name. */
  private static final String READ = "unix:mode,ino,nlink,size,lastModifiedTime,ctime";

  private static final String NOT_A_FOLDER = "Not a directory";

  /** What an entry is. */
  enum Kind {
    FILE,
    FOLDER,
    LINK,
    /** A socket, a pipe or a device. */
    SPECIAL
  }

  /** Reads an entry; null if there is none. */
  static @Nullable TreeEntry of(final Path path) throws IOException {
    final Map<String, Object> read;
    try {
      read = Files.readAttributes(path, READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    } catch (FileSystemException e) {
      // A folder of the path has become something else.
      if (NOT_A_FOLDER.equals(e.getReason())) {
        return null;
      }
      throw e;
    }
    final int mode = ((Number) value(read, "mode")).intValue();
    return new TreeEntry(
        switch (mode & TYPE) {
          case REGULAR -> Kind.FILE;
          case DIRECTORY -> Kind.FOLDER;
          case SYMBOLIC_LINK -> Kind.LINK;
          default -> Kind.SPECIAL;
        },
        ((Number) value(read, "ino")).longValue(),
        mode & PERMISSIONS,
        ((Number) value(read, "nlink")).intValue(),
        ((Number) value(read, "size")).longValue(),
        ((FileTime) value(read, "lastModifiedTime")).to(TimeUnit.NANOSECONDS),
        ((FileTime) value(read, "ctime")).to(TimeUnit.NANOSECONDS));
  }

  /** Whether it is a file with the contents that it had, as far as size and times tell. */
  boolean sameContents(final TreeEntry other) {
    return kind == other.kind
        && inode == other.inode
        && size == other.size
        && modifiedNs == other.modifiedNs;
  }

  private static Object value(final Map<String, Object> read, final String name) {
    return Objects.requireNonNull(read.get(name), name);
  }
}
