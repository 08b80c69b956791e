package dev.shadowplane.control.replication;

import dev.shadowplane.dpdk.Inotify;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a tree of folders, in the order in which it happened. A folder is watched from
 * {@link #add} on, and what was in it before is nobody's news: add it, then look what is in it. One
 * thread uses it.
 */
final class FolderWatch implements AutoCloseable {
  private static final int EVENTS =
      Inotify.MODIFY
          | Inotify.ATTRIB
          | Inotify.CLOSE_WRITE
          | Inotify.MOVED_FROM
          | Inotify.MOVED_TO
          | Inotify.CREATE
          | Inotify.DELETE;
  private static final int OF_ROOT = Inotify.DELETE_SELF | Inotify.MOVE_SELF;

  /** How long the second half of a rename is waited for. */
  private static final int RENAME_MS = 2;

  private final Path root;
  private final Inotify inotify = new Inotify();
  private final Map<Integer, Node> byWatch = new HashMap<>();
  private final Node top = new Node(null, "");
  private @Nullable Half half;

  /** What a change is. */
  enum What {
    /** A file was closed after writing, or an entry came, or its permissions changed. */
    COMMITTED,
    /** A file was written to or made, and may still be open. */
    TOUCHED,
    /** An entry went. */
    REMOVED,
    /** An entry was renamed within the tree. */
    MOVED,
    /** An entry with a name that is not UTF-8 came. */
    UNNAMEABLE,
    /** Nobody knows: everything has to be compared, with a new watch. */
    LOST
  }

  /**
   * A change.
   *
   * @param what kind of.
   * @param path of the entry, from the root; where it is now if it was renamed.
   * @param from where it was if it was renamed; otherwise empty.
   */
  record Change(What what, String path, String from) {}

  private record Half(int cookie, Node folder, String name) {}

  /** A folder that is, or was, in the tree. */
  private static final class Node {
    private final Map<String, Node> folders = new HashMap<>();
    private @Nullable Node parent;
    private String name;
    private int watch = -1;

    Node(final @Nullable Node parent, final String name) {
      this.parent = parent;
      this.name = name;
    }

    String path(final String entry) {
      final StringBuilder path = new StringBuilder(entry);
      for (Node at = this; at.parent != null; at = at.parent) {
        path.insert(0, '/').insert(0, at.name);
      }
      return path.toString();
    }
  }

  FolderWatch(final Path root) throws IOException {
    this.root = root;
  }

  /**
   * Watches a folder; one that is watched already goes on to be.
   *
   * @param relative its path from the root; those above it are watched.
   */
  void add(final String relative) throws IOException {
    final int watch =
        inotify.watch(
            relative.isEmpty() ? root : root.resolve(relative),
            relative.isEmpty() ? EVENTS | OF_ROOT : EVENTS);
    Node node = top;
    if (!relative.isEmpty()) {
      for (final String name : relative.split("/", -1)) {
        final Node parent = node;
        node = node.folders.computeIfAbsent(name, absent -> new Node(parent, name));
      }
    }
    if (node.watch == watch) {
      return;
    }
    if (node.watch >= 0) {
      byWatch.remove(node.watch);
      inotify.unwatch(node.watch);
    }
    node.watch = watch;
    final Node before = byWatch.put(watch, node);
    if (before != null) {
      before.watch = -1;
    }
  }

  /**
   * Hands over what has happened, waiting for the first of it.
   *
   * @param timeoutMs how long at most.
   * @param changes takes them in order.
   * @return whether there was any; if not, all that happened before the call has been handed over.
   */
  boolean read(final int timeoutMs, final Consumer<Change> changes) throws IOException {
    final boolean any = inotify.read(timeoutMs, event -> take(event, changes));
    if (half != null) {
      inotify.read(RENAME_MS, event -> take(event, changes));
      leave(changes);
    }
    return any;
  }

  private void take(final Inotify.Event event, final Consumer<Change> changes) {
    if (event.is(Inotify.OVERFLOW)) {
      changes.accept(new Change(What.LOST, "", ""));
      return;
    }
    final Node folder = byWatch.get(event.watch());
    if (folder == null) {
      return;
    }
    if (event.is(Inotify.IGNORED)) {
      byWatch.remove(event.watch());
      folder.watch = -1;
      if (folder == top) {
        changes.accept(new Change(What.LOST, "", ""));
      }
      return;
    }
    if (event.is(Inotify.DELETE_SELF) || event.is(Inotify.MOVE_SELF)) {
      changes.accept(new Change(What.LOST, "", ""));
      return;
    }
    if (event.name().length == 0) {
      return;
    }
    final String name;
    try {
      name = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(event.name())).toString();
    } catch (CharacterCodingException e) {
      changes.accept(
          new Change(
              What.UNNAMEABLE, folder.path(new String(event.name(), StandardCharsets.UTF_8)), ""));
      return;
    }
    if (folder == top && name.equals(TargetFolder.OWN)) {
      return;
    }
    take(event, folder, name, changes);
  }

  private void take(
      final Inotify.Event event,
      final Node folder,
      final String name,
      final Consumer<Change> changes) {
    final Half from = half;
    if (from != null) {
      if (event.is(Inotify.MOVED_TO) && event.cookie() == from.cookie) {
        half = null;
        changes.accept(new Change(What.MOVED, folder.path(name), from.folder.path(from.name)));
        move(from.folder.folders.remove(from.name), folder, name);
        return;
      }
      leave(changes);
    }
    if (event.is(Inotify.MOVED_FROM)) {
      half = new Half(event.cookie(), folder, name);
    } else if (event.is(Inotify.DELETE)) {
      forget(folder.folders.remove(name));
      changes.accept(new Change(What.REMOVED, folder.path(name), ""));
    } else {
      final boolean committed =
          event.is(Inotify.CLOSE_WRITE)
              || event.is(Inotify.MOVED_TO)
              || event.is(Inotify.ATTRIB)
              || event.is(Inotify.IS_FOLDER);
      changes.accept(new Change(committed ? What.COMMITTED : What.TOUCHED, folder.path(name), ""));
    }
  }

  /** The second half did not come: the entry has left the tree. */
  private void leave(final Consumer<Change> changes) {
    final Half from = half;
    if (from != null) {
      half = null;
      forget(from.folder.folders.remove(from.name));
      changes.accept(new Change(What.REMOVED, from.folder.path(from.name), ""));
    }
  }

  private void move(final @Nullable Node node, final Node folder, final String name) {
    forget(folder.folders.remove(name));
    if (node != null) {
      node.parent = folder;
      node.name = name;
      folder.folders.put(name, node);
    }
  }

  /** Folders that are in the tree no more, but may go on to be elsewhere. */
  private void forget(final @Nullable Node node) {
    if (node == null) {
      return;
    }
    final ArrayDeque<Node> all = new ArrayDeque<>();
    all.add(node);
    for (Node next = all.poll(); next != null; next = all.poll()) {
      if (next.watch >= 0) {
        byWatch.remove(next.watch);
        inotify.unwatch(next.watch);
      }
      all.addAll(next.folders.values());
    }
  }

  @Override
  public void close() {
    inotify.close();
  }
}
