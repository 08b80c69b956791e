package dev.shadowplane.dataplane.journal;

import dev.shadowplane.dataplane.file.Disk;
import dev.shadowplane.dataplane.file.LockFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A writer's hold on its folder: a lock that the kernel releases when the process ends. */
final class JournalFolder implements AutoCloseable {
  private static final String LOCK_FILE = "writer.lock";
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---"));

  private final Path folder;
  private final String fileSystem;
  private @Nullable LockFile lock;
  private @Nullable Object lockKey;

  private JournalFolder(Path folder, LockFile lock) throws IOException {
    this.folder = folder;
    this.lock = lock;
    fileSystem = Disk.of(folder);
    lockKey = key();
  }

  static JournalFolder open(Path given) throws JournalException {
    try {
      Files.createDirectories(given, FOLDER_MODE);
      Path folder = given.toRealPath();
      JournalFiles.queues(folder); // Refuses another version's.
      return new JournalFolder(folder, lock(folder));
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

  private static LockFile lock(Path folder) throws IOException {
    LockFile lock = LockFile.createAndTryLock(folder.resolve(LOCK_FILE));
    if (lock == null) {
      throw inUse(folder);
    }
    return lock;
  }

  /**
   * Makes the folder again and locks it, if it was removed.
   *
   * @throws IOException when it cannot be, or what is in its place is another file system: the one
   *     below the journal's own, while that is not mounted
   */
  void restore() throws IOException {
    Path there = folder;
    while (!Files.exists(there)) {
      there = Objects.requireNonNull(there.getParent());
    }
    String now = Disk.of(there);
    if (!now.equals(fileSystem)) {
      throw new JournalException(folder, "is on " + now + " instead of " + fileSystem);
    }
    Files.createDirectories(folder, FOLDER_MODE);
    if (!Objects.equals(lockKey, key())) {
      close();
      lock = lock(folder);
      lockKey = key();
    }
  }

  private @Nullable Object key() {
    try {
      return Files.readAttributes(folder.resolve(LOCK_FILE), BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
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
    return Disk.usableBytes(folder);
  }

  @Override
  public void close() throws IOException {
    LockFile held = lock;
    lock = null;
    try {
      if (held != null) {
        held.close();
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
