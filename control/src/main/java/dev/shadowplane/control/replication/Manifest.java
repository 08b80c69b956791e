package dev.shadowplane.control.replication;

import dev.shadowplane.control.replication.TreeEntry.Kind;
import dev.shadowplane.dpdk.FileSync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * What the target has been made to hold, path by path, and the version that this is: the number of
 * changes ever brought over.
 *
 * <p>What is put is known at once, and kept by the next checkpoint, which first has the target's
 * file system synced: nothing is ever kept of which the target could lose the contents. What a
 * crash loses is brought over again. It is a memory of comparisons, no more: one that is damaged is
 * begun anew, at the price of comparing contents. One thread uses it.
 */
final class Manifest implements AutoCloseable {
  /** How many entries a tree may have. */
  static final int MAX_ENTRIES = 500_000;

  private static final String FILE = "manifest";
  private static final String VERSION = "version";
  private static final String GONE = "";

  private final Path folder;
  private final MVStore store;
  private final boolean kept;
  private final MVMap<String, String> entries;
  private final MVMap<String, Long> meta;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("replication-checkpoint").factory());
  private Map<String, String> recent = new HashMap<>();
  private Map<String, String> sealed = Map.of();
  private @Nullable Future<?> checkpoint;
  private long version;
  private long durableVersion;

  /**
   * What an entry was when it was brought over.
   *
   * @param source as it was at the source.
   * @param content the SHA-256 of a file, the text of a link, or nothing.
   */
  record Held(TreeEntry source, String content) {}

  /**
   * Opens the manifest of a target, or begins one.
   *
   * @param folder where it is, in the target's file system; there.
   * @throws IOException if another process has it open.
   */
  Manifest(final Path folder) throws IOException {
    this.folder = folder;
    MVStore opened = null;
    try {
      opened = open(folder.resolve(FILE));
    } catch (MVStoreException e) {
      if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
        throw new IOException(
            folder.getParent() + " is the target of another replication: end that one first", e);
      }
      Files.deleteIfExists(folder.resolve(FILE));
      try {
        opened = open(folder.resolve(FILE));
      } catch (MVStoreException again) {
        // The disk may be full: what is deleted at the source still has to go here.
        opened = new MVStore.Builder().open();
      }
    }
    store = opened;
    kept = store.getFileStore() != null && !store.getFileStore().isReadOnly();
    entries = store.openMap("entries");
    meta = store.openMap("meta");
    version = meta.getOrDefault(VERSION, 0L);
    durableVersion = version;
  }

  private static MVStore open(final Path file) {
    return new MVStore.Builder().fileName(file.toString()).autoCommitDisabled().open();
  }

  /** Whether checkpoints outlive the process: not if the target has no space for it. */
  boolean isKept() {
    return kept;
  }

  @Nullable Held get(final String path) {
    String text = recent.get(path);
    if (text == null) {
      text = sealed.get(path);
    }
    if (text == null) {
      text = entries.get(path);
    }
    return text == null || text.equals(GONE) ? null : read(text);
  }

  void put(final String path, final TreeEntry source, final String content) throws IOException {
    if (entries.sizeAsLong() + recent.size() + sealed.size() > MAX_ENTRIES && get(path) == null) {
      throw new IOException(
          "the folder has more than " + MAX_ENTRIES + " entries: replicate parts of it");
    }
    recent.put(path, write(source, content));
    version++;
  }

  void remove(final String path) {
    recent.put(path, GONE);
    version++;
  }

  /** The version that is kept. */
  long durableVersion() {
    return durableVersion;
  }

  /**
   * Begins to keep what was put, unless that is going on.
   *
   * @throws IOException if the last one failed: the manifest is of no more use.
   */
  void checkpoint() throws IOException {
    final Future<?> running = checkpoint;
    if (running != null && !running.isDone()) {
      return;
    }
    finish();
    if (!recent.isEmpty()) {
      sealed = recent;
      recent = new HashMap<>();
      final Map<String, String> keep = sealed;
      final long keptVersion = version;
      checkpoint =
          executor.submit(() -> {
            keep(keep, keptVersion);
            return null;
          });
    }
  }

  /** Forgets what is not there any more. */
  void retain(final Predicate<String> there) throws IOException {
    sync();
    final Iterator<String> paths = entries.keyIterator(null);
    while (paths.hasNext()) {
      final String path = paths.next();
      if (!there.test(path)) {
        recent.put(path, GONE);
      }
    }
  }

  /** Keeps all that was put. */
  void sync() throws IOException {
    finish();
    checkpoint();
    finish();
  }

  private void keep(final Map<String, String> changes, final long keptVersion) throws IOException {
    FileSync.fileSystemOf(folder);
    changes.forEach((path, text) -> {
      if (text.equals(GONE)) {
        entries.remove(path);
      } else {
        entries.put(path, text);
      }
    });
    meta.put(VERSION, keptVersion);
    store.commit();
    store.sync();
    durableVersion(keptVersion);
  }

  /** Runs on the thread of checkpoints, which {@link #finish} waits for. */
  private void durableVersion(final long keptVersion) {
    durableVersion = keptVersion;
  }

  private void finish() throws IOException {
    final Future<?> running = checkpoint;
    checkpoint = null;
    if (running != null) {
      try {
        running.get();
        sealed = Map.of();
      } catch (ExecutionException e) {
        throw new IOException("the manifest in " + folder + " cannot be kept: " + e.getCause(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the manifest was kept", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      sync();
    } finally {
      executor.close();
      try {
        store.close();
      } catch (MVStoreException e) {
        store.closeImmediately();
      }
    }
  }

  private static String write(final TreeEntry source, final String content) {
    return source.kind()
        + " "
        + source.inode()
        + " "
        + source.mode()
        + " "
        + source.links()
        + " "
        + source.size()
        + " "
        + source.modifiedNs()
        + " "
        + source.changedNs()
        + " "
        + content;
  }

  private static @Nullable Held read(final String text) {
    final String[] fields = text.split(" ", 8);
    try {
      return new Held(
          new TreeEntry(
              Kind.valueOf(fields[0]),
              Long.parseLong(fields[1]),
              Integer.parseInt(fields[2]),
              Integer.parseInt(fields[3]),
              Long.parseLong(fields[4]),
              Long.parseLong(fields[5]),
              Long.parseLong(fields[6])),
          fields[7]);
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      return null; // Of another version of this program: compared anew.
    }
  }
}
