package dev.shadowplane.dataplane.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** An exclusive lock that the kernel releases when its holder dies. Any thread. */
public final class LockFile implements AutoCloseable {
  // A POSIX lock goes when any descriptor of the file is closed by its process: a second attempt
  // inside one process has to be refused before it opens the file.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final int MAX_ATTEMPTS = 100;

  private final Path key;
  private final FileChannel channel;

  private LockFile(final Path key, final FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Takes the lock of a file.
   *
   * @param file exists
   * @return the lock, or null when somebody holds it, in this process or another
   * @throws IOException when the file cannot be opened for writing
   */
  public static @Nullable LockFile tryLock(final Path file) throws IOException {
    final Path key = file.toRealPath();
    if (!HELD.add(key)) {
      return null;
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel = FileChannel.open(key, StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
      return locked ? new LockFile(key, channel) : null;
    } finally {
      if (!locked) {
        if (channel != null) {
          channel.close();
        }
        HELD.remove(key);
      }
    }
  }

  /**
   * Makes a file if it is missing and takes its lock.
   *
   * @param file stays when the lock is released
   * @return the lock, or null when somebody holds it, in this process or another
   * @throws IOException when the file cannot be made or opened
   */
  public static @Nullable LockFile createAndTryLock(final Path file) throws IOException {
    createIfMissing(file);
    return tryLock(file);
  }

  private static void createIfMissing(final Path file) throws IOException {
    try {
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
    } catch (final FileAlreadyExistsException e) {
      // Made by somebody else at the same time: the lock decides.
    }
  }

  /**
   * Makes a file if it is missing and takes its lock; whoever takes it so ends with {@link
   * #closeAndDelete}.
   *
   * @param file exists only for the lock
   * @return the lock, or null when somebody holds it, in this process or another
   * @throws IOException when the file cannot be made or opened
   */
  public static @Nullable LockFile tryLockTransient(final Path file) throws IOException {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      createIfMissing(file);
      try {
        final Object before = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        final LockFile lock = tryLock(file);
        if (lock == null) {
          return null;
        }
        // The holder before may have deleted the file after we had opened it: our lock is on
        // nothing then.
        if (Files.exists(file)
            && before.equals(Files.readAttributes(file, BasicFileAttributes.class).fileKey())) {
          return lock;
        }
        lock.close();
      } catch (final NoSuchFileException e) {
        // Deleted by its holder: make it anew.
      }
    }
    throw new IOException(file + " is made and deleted all the time");
  }

  /** Deletes the file, while nobody else can hold it, and releases the lock. */
  public void closeAndDelete() {
    try {
      Files.deleteIfExists(key);
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot delete " + key, e);
    } finally {
      close();
    }
  }

  /** Releases it; the file stays. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot release " + key, e);
    } finally {
      HELD.remove(key);
    }
  }
}
