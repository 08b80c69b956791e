package dev.shadowplane.dataplane.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** An exclusive lock that the kernel releases when its holder dies. Any thread. */
public final class LockFile implements AutoCloseable {
  // A POSIX lock goes when any descriptor of the file is closed by its process: a second attempt
  // inside one process has to be refused before it opens the file.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

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
