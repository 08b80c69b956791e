package dev.shadowplane.dataplane.journal;

import dev.shadowplane.dataplane.file.LockFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A writer's hold on its folder: a lock that the kernel releases when the process ends. */
final class JournalFolder implements AutoCloseable {
  private static final String LOCK_FILE = "writer.lock";
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---"));

  private final Path folder;
  private final LockFile lock;

  private JournalFolder(Path folder, LockFile lock) {
    this.folder = folder;
    this.lock = lock;
  }

  static JournalFolder open(Path given) throws JournalException {
    try {
      Files.createDirectories(given, FOLDER_MODE);
      Path folder = given.toRealPath();
      JournalFiles.queues(folder); // Refuses another version's.
      LockFile lock = LockFile.createAndTryLock(folder.resolve(LOCK_FILE));
      if (lock == null) {
        throw inUse(given);
      }
      return new JournalFolder(folder, lock);
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

  /** Where a queue is; made when it is missing. */
  Path queue(int number) throws IOException {
    return Files.createDirectories(JournalFiles.queue(folder, number), FOLDER_MODE);
  }

  long usableBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  @Override
  public void close() throws IOException {
    try {
      lock.close();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
