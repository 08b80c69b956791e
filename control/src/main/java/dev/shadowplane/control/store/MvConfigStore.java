package dev.shadowplane.control.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * A store in one file, which only its owner may read. A commit is on the disk when it returns. What
 * is read is checked against a sum kept beside it, and commits that the file has lost are noticed
 * by the revision kept in a file of the same name with {@code .revision} behind.
 *
 * <p>Of a key, the newest {@link #MAX_VERSIONS} versions are kept, and fewer if they have more than
 * {@link #MAX_HISTORY_CHARACTERS} together.
 */
public final class MvConfigStore implements ConfigStore {
  /** The longest value, in characters. */
  public static final int MAX_VALUE_CHARACTERS = 16 << 20;

  /** The longest key, in characters. */
  public static final int MAX_KEY_CHARACTERS = 200;

  /** The most versions of a key. */
  public static final int MAX_VERSIONS = 1_000;

  /** The most characters of all versions of a key but the newest. */
  public static final long MAX_HISTORY_CHARACTERS = 64L << 20;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private static final int CACHE_MEGABYTES = 8;
  private static final int COMMITS_BETWEEN_COMPACTIONS = 128;
  private static final int COMPACTION_FILL_PERCENT = 50;
  private static final int COMPACTION_BYTES = 4 << 20;

  /** How long space is not used again; every commit is synchronised, so little suffices. */
  private static final int RETENTION_MS = 1_000;

  /** How much is added to a key's history before it is looked at again. */
  private static final int VERSIONS_BETWEEN_PRUNINGS = 64;

  private static final long CHARACTERS_BETWEEN_PRUNINGS = 8L << 20;

  /** Ends a key: less than all that keys consist of, so that the versions of a key lie together. */
  private static final char END = '\0';

  private static final String REVISION = "revision";

  private final Path file;
  private final MVStore store;
  private final RevisionFile revisionFile;
  private final MVMap<String, String> present;
  private final MVMap<String, String> versions;
  private final MVMap<String, String> meta;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<String, Growth> growth = new HashMap<>();
  private long revision;
  private long lastNs;
  private boolean failed;

  private MvConfigStore(final Path file, final MVStore store, final RevisionFile revisionFile) {
    this.file = file;
    this.store = store;
    this.revisionFile = revisionFile;
    this.present = map("present");
    this.versions = map("versions");
    this.meta = map("meta");
  }

  /**
   * Opens a store; a new one if there is no such file.
   *
   * @param file its file, in a folder that exists.
   * @throws StoreException if it cannot be used: it belongs to another process, or is damaged.
   */
  public static MvConfigStore open(final Path file) {
    final RevisionFile revisionFile = new RevisionFile(file);
    try {
      try {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      } catch (FileAlreadyExistsException e) {
        Files.setPosixFilePermissions(file, OWNER_ONLY);
      }
      final long known = revisionFile.read();
      if (known > 0 && Files.size(file) == 0) {
        throw revisionFile.lost(0, known);
      }
      return checked(file, revisionFile, known);
    } catch (IOException e) {
      throw new StoreException(
          file + " cannot be opened: " + e + "; check folder and permissions", e);
    }
  }

  private static MvConfigStore checked(
      final Path file, final RevisionFile revisionFile, final long known) throws IOException {
    final MVStore store;
    try {
      store =
          new MVStore.Builder()
              .fileName(file.toString())
              .autoCommitDisabled()
              .autoCommitBufferSize(0)
              .cacheSize(CACHE_MEGABYTES)
              .open();
    } catch (MVStoreException e) {
      throw failure(file, e);
    } catch (OutOfMemoryError e) {
      throw absurdLength(file, e);
    }
    try {
      final MvConfigStore opened = new MvConfigStore(file, store, revisionFile);
      opened.load(known);
      return opened;
    } catch (MVStoreException e) {
      store.closeImmediately();
      throw failure(file, e);
    } catch (StoreException | IOException e) {
      store.closeImmediately();
      throw e;
    } catch (OutOfMemoryError e) {
      store.closeImmediately();
      throw absurdLength(file, e);
    }
  }

  /** MVStore allocates what a length of the file says before it looks whether so much is there. */
  private static StoreException absurdLength(final Path file, final OutOfMemoryError cause) {
    return failure(file, "a length in it is beyond the memory: " + cause.getMessage(), cause);
  }

  private MVMap<String, String> map(final String name) {
    return store.openMap(
        name,
        new MVMap.Builder<String, String>()
            .keyType(StringDataType.INSTANCE)
            .valueType(StringDataType.INSTANCE));
  }

  /** Reads everything that is in force once, so that damage is told at the start. */
  private void load(final long known) throws IOException {
    store.setVersionsToKeep(0);
    store.setRetentionTime(RETENTION_MS);
    final String text = meta.get(REVISION);
    if (text != null) {
      final StoredText last = read(REVISION, text);
      revision = Long.parseLong(last.value());
      lastNs = last.atNs();
    }
    if (revision < known) {
      throw revisionFile.lost(revision, known);
    }
    present.forEach((key, value) -> read(key, value));
    revisionFile.write(revision);
  }

  @Override
  public Optional<String> get(final String key) {
    return reading(
        () -> Optional.ofNullable(present.get(key)).map(text -> read(key, text).value()));
  }

  @Override
  public Map<String, String> list(final String prefix) {
    return reading(() -> {
      final Map<String, String> values = new TreeMap<>();
      final Cursor<String, String> cursor = present.cursor(prefix);
      while (cursor.hasNext() && cursor.next().startsWith(prefix)) {
        values.put(cursor.getKey(), read(cursor.getKey(), cursor.getValue()).value());
      }
      return values;
    });
  }

  @Override
  public Optional<String> getAt(final String key, final long atNs) {
    return reading(() -> {
      final Cursor<String, String> cursor = newestFirst(key);
      while (cursor.hasNext()) {
        cursor.next();
        final StoredText version = read(key, cursor.getValue());
        if (version.atNs() <= atNs) {
          return version.asValue();
        }
      }
      return Optional.empty();
    });
  }

  @Override
  public List<Version> history(final String key, final int limit) {
    return reading(() -> {
      final List<Version> history = new ArrayList<>();
      final Cursor<String, String> cursor = newestFirst(key);
      while (cursor.hasNext() && history.size() < limit) {
        final String name = cursor.next();
        final long of = Long.parseLong(name.substring(key.length() + 1), 16);
        final StoredText version = read(key, cursor.getValue());
        history.add(new Version(key, of, version.atNs(), version.asValue()));
      }
      return history;
    });
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if a key or a value is too long; nothing is changed.
   * @throws StoreException if it cannot be written; nothing is changed, and nothing more can be.
   */
  @Override
  public long commit(final Map<String, Optional<String>> changes) {
    changes.forEach(MvConfigStore::check);
    final Lock writing = lock.writeLock();
    writing.lock();
    try {
      if (failed) {
        throw new StoreException(
            file + " could not be written before: make room or replace the disk, and start again");
      }
      final long next = revision + 1;
      final long atNs = Math.max(lastNs + 1, nowNs());
      changes.forEach((key, value) -> put(key, value, next, atNs));
      meta.put(REVISION, new StoredText(false, atNs, Long.toString(next)).encoded());
      store.commit();
      store.sync();
      revision = next;
      lastNs = atNs;
      revisionFile.write(next);
      if (next % COMMITS_BETWEEN_COMPACTIONS == 0) {
        // Only rewrites what sparse chunks still hold: moving chunks fails the library's own
        // checks.
        store.compact(COMPACTION_FILL_PERCENT, COMPACTION_BYTES);
        store.sync();
      }
      return next;
    } catch (MVStoreException | IOException e) {
      // What the library holds in memory is ahead of the file now.
      failed = true;
      throw new StoreException(
          file + " cannot be written: " + e.getMessage() + "; make room or check the disk", e);
    } finally {
      writing.unlock();
    }
  }

  private void put(
      final String key, final Optional<String> value, final long next, final long atNs) {
    final String text = new StoredText(value.isEmpty(), atNs, value.orElse("")).encoded();
    versions.put(version(key, next), text);
    if (value.isPresent()) {
      present.put(key, text);
    } else {
      present.remove(key);
    }
    final Growth grown = growth.computeIfAbsent(key, _ -> new Growth());
    grown.versions++;
    grown.characters += text.length();
    if (grown.versions >= VERSIONS_BETWEEN_PRUNINGS
        || grown.characters >= CHARACTERS_BETWEEN_PRUNINGS) {
      prune(key);
      growth.remove(key);
    }
  }

  private void prune(final String key) {
    final List<String> old = new ArrayList<>();
    final Cursor<String, String> cursor = newestFirst(key);
    long characters = 0;
    for (int count = 0; cursor.hasNext(); count++) {
      final String name = cursor.next();
      characters += count == 0 ? 0 : cursor.getValue().length();
      if (count >= MAX_VERSIONS || characters > MAX_HISTORY_CHARACTERS) {
        old.add(name);
      }
    }
    old.forEach(versions::remove);
  }

  @Override
  public void close() {
    final Lock writing = lock.writeLock();
    writing.lock();
    try {
      if (failed) {
        store.closeImmediately();
      } else {
        // Without moving chunks, which MVStore 2.4.240 asserts to be impossible now and then.
        store.close(0);
      }
      revisionFile.close();
    } catch (MVStoreException e) {
      throw failure(file, e);
    } finally {
      writing.unlock();
    }
  }

  private Cursor<String, String> newestFirst(final String key) {
    return versions.cursor(version(key, Long.MAX_VALUE), version(key, 0), true);
  }

  private static String version(final String key, final long revision) {
    return key + END + "%016x".formatted(revision);
  }

  private static void check(final String key, final Optional<String> value) {
    if (key.isEmpty() || key.length() > MAX_KEY_CHARACTERS || key.indexOf(END) >= 0) {
      throw new IllegalArgumentException(
          "a key has " + key.length() + " characters: use 1 to " + MAX_KEY_CHARACTERS);
    }
    if (value.isPresent() && value.get().length() > MAX_VALUE_CHARACTERS) {
      throw new IllegalArgumentException(
          key
              + " has "
              + value.get().length()
              + " characters: at most "
              + MAX_VALUE_CHARACTERS
              + " can be kept, so describe less");
    }
  }

  private static long nowNs() {
    final Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  private StoredText read(final String key, final String text) {
    return StoredText.decoded(text)
        .orElseThrow(() -> failure(file, "the value of " + key + " is not what was written", null));
  }

  private <T> T reading(final Supplier<T> read) {
    final Lock reading = lock.readLock();
    reading.lock();
    try {
      return read.get();
    } catch (MVStoreException e) {
      throw failure(file, e);
    } finally {
      reading.unlock();
    }
  }

  private static StoreException failure(final Path file, final MVStoreException e) {
    return e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED
        ? new StoreException(
            file + " is in use by another process: end it, or configure another folder", e)
        : failure(file, String.valueOf(e.getMessage()), e);
  }

  private static StoreException failure(
      final Path file, final String reason, final @Nullable Throwable e) {
    final String message =
        file
            + " is damaged ("
            + reason
            + "): put back a copy, or move it and "
            + RevisionFile.beside(file)
            + " away to begin with nothing";
    return e == null ? new StoreException(message) : new StoreException(message, e);
  }

  private static final class Growth {
    private int versions;
    private long characters;
  }
}
