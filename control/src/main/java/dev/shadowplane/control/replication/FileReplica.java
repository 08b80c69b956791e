package dev.shadowplane.control.replication;

import dev.shadowplane.control.replication.FolderWatch.Change;
import dev.shadowplane.control.replication.Manifest.Held;
import dev.shadowplane.control.replication.TreeEntry.Kind;
import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a folder equal to another: regular files with contents, permissions and times of change,
 * folders, and links that stay within; what the source does not have goes. Sockets, pipes and
 * devices are passed over.
 *
 * <p>When a change is visible, all those that were committed before it are visible too; something
 * that has changed again meanwhile may already show its later state. A change is committed when a
 * file is closed or renamed, or an entry is made, deleted or given permissions; what is written to
 * a file that stays open follows after {@value #OPEN_MS} ms.
 */
final class FileReplica implements Replica {
  private static final int OPEN_MS = 20;
  private static final int OPEN_FACTOR = 10;
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_READS = 64;

  private final Mode mode;
  private final long intervalNs;
  private final Path source;
  private final Progress progress;
  private final TargetFolder target;
  private final Manifest manifest;
  private final FileBringer bringer;
  private final Deque<Change> changes = new ArrayDeque<>();
  private final Map<String, Long> open = new HashMap<>();
  private @Nullable FolderWatch watch;
  private boolean lost;
  private boolean retained;
  private long nextComparison;
  private long nextCheckpoint;
  private long nextRetry;

  FileReplica(final ReplicationConfig config, final Progress progress) throws IOException {
    this.mode = config.mode();
    this.intervalNs = TimeUnit.MILLISECONDS.toNanos(config.intervalMs());
    this.source = Objects.requireNonNull(config.from());
    this.progress = progress;
    this.target = new TargetFolder(Objects.requireNonNull(config.to()));
    this.manifest = new Manifest(target.own());
    target.clearStaging();
    this.bringer = new FileBringer(source, target, manifest);
    this.nextComparison = progress.now();
  }

  @Override
  public boolean step(final int waitMs, final boolean barrier)
      throws IOException, InterruptedException {
    final boolean reached = mode == Mode.EVENT ? follow(waitMs, barrier) : repeat(waitMs, barrier);
    final long now = progress.now();
    if (now >= nextCheckpoint || barrier) {
      nextCheckpoint = now + SECOND_NS;
      manifest.checkpoint();
      progress.version(Long.toString(manifest.durableVersion()));
    }
    if (!manifest.isKept()) {
      throw new IOException(
          "no manifest can be kept in " + target.own() + ": see whether its disk is full");
    }
    return reached;
  }

  /** Compares everything at intervals. */
  private boolean repeat(final int waitMs, final boolean barrier)
      throws IOException, InterruptedException {
    final long now = progress.now();
    if (!barrier && now < nextComparison) {
      Thread.sleep(Math.min(waitMs, 1 + TimeUnit.NANOSECONDS.toMillis(nextComparison - now)));
      return false;
    }
    nextComparison = now + intervalNs;
    return compare(false, mode == Mode.FULL);
  }

  /** Brings over what happens. */
  private boolean follow(final int waitMs, final boolean barrier) throws IOException {
    if (watch == null || lost) {
      compare(lost, false);
    }
    final FolderWatch events = Objects.requireNonNull(watch);
    int wait = barrier || !open.isEmpty() ? Math.min(waitMs, OPEN_MS) : waitMs;
    for (int reads = 0; reads < MOST_READS && !lost; reads++) {
      final long before = progress.now();
      final boolean any = events.read(wait, changes::add);
      bringChanges(before);
      bringOpen(barrier && !any);
      retry();
      if (!any) {
        if (!lost && !progress.fails()) {
          progress.caughtUp(before);
          return true;
        }
        break;
      }
      wait = 0;
    }
    return false;
  }

  private void bringChanges(final long sinceNs) throws IOException {
    for (Change change = changes.poll(); change != null; change = changes.poll()) {

      progress.behind(changes.size() + 1L, sinceNs);
      switch (change.what()) {
        case COMMITTED -> {
          open.remove(change.path());
          tree(change.path(), false, false);
        }
        case TOUCHED -> touched(change.path());
        case REMOVED -> {
          open.remove(change.path());
          tree(change.path(), false, true);
        }
        case MOVED -> moved(change.from(), change.path());
        case UNNAMEABLE -> progress.refused(change.path(), "its name is not UTF-8");
        case LOST -> {
          lost = true;
          changes.clear();
        }
      }
    }
  }

  /** A file that is written to is brought over when it is closed, or else after a moment. */
  private void touched(final String path) throws IOException {
    final TreeEntry entry = TreeEntry.of(source.resolve(path));
    if (entry != null && (entry.kind() != Kind.FILE || entry.links() > 1)) {
      tree(path, false, false); // A link, hard or soft, has no end of writing.
    } else if (entry != null) {
      open.putIfAbsent(path, progress.now() + TimeUnit.MILLISECONDS.toNanos(OPEN_MS));
    }
  }

  private void bringOpen(final boolean all) throws IOException {
    if (open.isEmpty()) {
      return;
    }
    final Map<String, Long> later = new HashMap<>();
    final Iterator<Map.Entry<String, Long>> files = open.entrySet().iterator();
    while (files.hasNext()) {
      final Map.Entry<String, Long> file = files.next();
      final long began = progress.now();
      if (file.getValue() <= began || all) {
        files.remove();
        if (tree(file.getKey(), false, false) && !all) {
          // Long files that are written to all the time leave time for others.
          final long took = progress.now() - began;
          later.put(
              file.getKey(),
              progress.now()
                  + Math.max(TimeUnit.MILLISECONDS.toNanos(OPEN_MS), took * OPEN_FACTOR));
        }
      }
    }
    open.putAll(later);
  }

  /** A rename is one here too, if the target still has what was renamed. */
  private void moved(final String from, final String to) throws IOException {
    open.remove(from);
    try {
      final TreeEntry now = TreeEntry.of(source.resolve(to));
      final Held held = manifest.get(from);
      final TreeEntry there = target.entry(from);
      if (now != null
          && held != null
          && there != null
          && held.source().inode() == now.inode()
          && held.source().kind() == now.kind()
          && there.kind() == now.kind()
          && now.kind() != Kind.LINK) {
        target.move(from, to);
        manifest.remove(from);
        manifest.put(to, held.source(), held.content());
        if (now.kind() == Kind.FOLDER) {
          movedBelow(from, to);
        }
        progress.applied(now.changedNs(), 0);
      }
    } catch (IOException e) {
      progress.failed(to, reason(e));
    }
    tree(from, false, true);
    tree(to, false, true);
  }

  /** What was in a folder that was renamed is held under its new path. */
  private void movedBelow(final String from, final String to) throws IOException {
    final Deque<String> folders = new ArrayDeque<>();
    folders.add("");
    for (String folder = folders.poll(); folder != null; folder = folders.poll()) {
      for (final String name : target.names(to + folder)) {
        final String below = folder + "/" + name;
        final Held held = manifest.get(from + below);
        if (held != null) {
          manifest.remove(from + below);
          manifest.put(to + below, held.source(), held.content());
          if (held.source().kind() == Kind.FOLDER) {
            folders.add(below);
          }
        }
      }
    }
  }

  /** Tries again, once a second, what failed. */
  private void retry() throws IOException {
    if (progress.fails() && progress.now() >= nextRetry) {
      if (progress.failsTooMuch()) {
        lost = true;
      } else {
        progress.failing().forEach(path -> tree(path, false, true));
      }
      nextRetry = progress.now() + SECOND_NS;
    }
  }

  /** Makes everything equal; in event mode, events are told from then on. */
  private boolean compare(final boolean overflow, final boolean contents) throws IOException {
    final long began = progress.now();
    progress.resync(overflow);
    progress.forgetProblems();
    changes.clear();
    open.clear();
    lost = false;
    final FolderWatch before = watch;
    watch = null;
    if (before != null) {
      before.close();
    }
    if (!Files.isDirectory(source)) {
      throw new IOException(
          "there is no folder "
              + source
              + " that can be entered: nothing is changed in the target until there is");
    }
    if (mode == Mode.EVENT) {
      watch = new FolderWatch(source);
    }
    tree("", contents, false);
    if (!retained) {
      retained = true;
      manifest.retain(path -> exists(path));
    }
    nextRetry = progress.now() + SECOND_NS;
    if (mode != Mode.EVENT && !progress.fails()) {
      progress.caughtUp(began);
    }
    return !progress.fails();
  }

  private boolean exists(final String path) {
    try {
      return TreeEntry.of(source.resolve(path)) != null;
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Makes an entry, with all below it, equal.
   *
   * @param contents whether contents are compared even if nothing says that they differ.
   * @param remove whether it goes if the source does not have it; otherwise that is told apart.
   * @return whether a file was written.
   */
  private boolean tree(final String path, final boolean contents, final boolean remove) {
    final Deque<String> todo = new ArrayDeque<>();
    todo.push(path);
    boolean written = false;
    while (!todo.isEmpty()) {
      final String next = todo.pop();
      try {
        written |= entry(next, contents, remove && next.equals(path), todo);
        progress.fine(next);
      } catch (NoSuchFileException e) {
        // It went meanwhile, which is told apart, unless something is wrong with the target.
        if (!exists(next)) {
          continue;
        }
        progress.failed(next, reason(e));
      } catch (RefusedException e) {
        progress.fine(next);
        progress.refused(next, String.valueOf(e.getMessage()));
      } catch (IOException e) {
        progress.failed(next, reason(e));
      }
    }
    return written;
  }

  private boolean entry(
      final String path, final boolean contents, final boolean remove, final Deque<String> todo)
      throws IOException, RefusedException {
    final TreeEntry found = TreeEntry.of(source.resolve(path));
    if (found == null) {
      if (remove) {
        remove(path);
      }
      return false;
    }
    switch (found.kind()) {
      case FILE -> {
        final long bytes = bringer.file(path, found, contents);
        if (bytes >= 0) {
          progress.applied(found.changedNs(), bytes);
        }
        return bytes > 0;
      }
      case FOLDER -> folder(path, found, todo);
      case LINK -> {
        if (bringer.link(path, found)) {
          progress.applied(found.changedNs(), 0);
        }
      }
      case SPECIAL -> {}
    }
    return false;
  }

  private void folder(final String path, final TreeEntry found, final Deque<String> todo)
      throws IOException, RefusedException {
    final FolderWatch events = watch;
    if (events != null) {
      events.add(path); // Before its names are read: none comes unseen.
    }
    final Set<String> names = names(path);
    if (!path.isEmpty()) {
      target.folder(path, found.mode());
      final Held held = manifest.get(path);
      if (held == null || held.source().inode() != found.inode()) {
        manifest.put(path, found, "");
        progress.applied(found.changedNs(), 0);
      }
    }
    final String prefix = path.isEmpty() ? "" : path + "/";
    for (final String name : target.names(path)) {
      if (!names.contains(name) && !isSpecial(prefix + name)) {
        remove(prefix + name);
      }
    }
    names.forEach(name -> todo.push(prefix + name));
  }

  /** A socket or pipe in the target is of whoever runs there. */
  private boolean isSpecial(final String path) throws IOException {
    final TreeEntry there = target.entry(path);
    return there != null && there.kind() == Kind.SPECIAL;
  }

  private void remove(final String path) throws IOException {
    if (target.entry(path) != null) {
      target.delete(path);
      progress.applied();
    }
    if (manifest.get(path) != null) {
      manifest.remove(path);
    }
  }

  private Set<String> names(final String path) throws IOException {
    final Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(source.resolve(path))) {
      for (final Path entry : entries) {
        final String name = String.valueOf(entry.getFileName());
        if (path.isEmpty() && name.equals(TargetFolder.OWN)) {
          continue;
        }
        if (isNameable(entry, name)) {
          names.add(name);
        } else {
          progress.refused(path + "/" + name, "its name is not UTF-8");
        }
      }
    }
    return names;
  }

  /** Whether a name means the same file again after it was a text. */
  private static boolean isNameable(final Path entry, final String name) {
    try {
      return entry.resolveSibling(name).equals(entry);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String reason(final IOException thrown) {
    return switch (thrown) {
      case AccessDeniedException e -> "permission denied";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default -> String.valueOf(thrown.getMessage());
    };
  }

  @Override
  public void close() throws IOException {
    final FolderWatch events = watch;
    if (events != null) {
      events.close();
    }
    manifest.close();
  }
}
