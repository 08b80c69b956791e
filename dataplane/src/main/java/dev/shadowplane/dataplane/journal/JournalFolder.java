package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A writer's hold on its folder: a lock that the kernel releases when the process ends. */
final class JournalFolder implements AutoCloseable {
  private static final String LOCK_FILE = "writer.lock";

  /**
   * Folders held by this process. A second lock on a file that the process has already locked must
   * not even be tried: POSIX drops the first when the second's file is closed.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path folder;
  private final FileChannel lockChannel;

  private JournalFolder(Path folder, FileChannel lockChannel) {
    this.folder = folder;
    this.lockChannel = lockChannel;
  }

  static JournalFolder open(Path given) throws JournalException {
    try {
      Files.createDirectories(
          given,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
      Path folder = given.toRealPath();
      synchronized (HELD) {
        if (HELD.contains(folder)) {
          throw inUse(given);
        }
        FileChannel channel = lock(folder.resolve(LOCK_FILE));
        if (channel == null) {
          throw inUse(given);
        }
        HELD.add(folder);
        return new JournalFolder(folder, channel);
      }
    } catch (JournalException e) {
      throw e;
    } catch (IOException e) {
      throw new JournalException(
          given,
          "the journal folder cannot be written ("
              + reason(e)
              + "): give a folder that user "
              + System.getProperty("user.name")
              + " may write, on a writable file system with space",
          e);
    }
  }

  private static @Nullable FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? null : channel;
  }

  private static JournalException inUse(Path folder) {
    return new JournalException(
        folder,
        "the journal already has a writer: end it ('fuser "
            + folder.resolve(LOCK_FILE)
            + "' names it) or give another folder");
  }

  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "it is not a folder";
    }
    if (e instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return e.getClass().getSimpleName();
  }

  Path path() {
    return folder;
  }

  long usableBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      lockChannel.close();
      HELD.remove(folder);
    }
  }
}
