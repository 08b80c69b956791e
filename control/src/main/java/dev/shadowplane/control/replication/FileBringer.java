package dev.shadowplane.control.replication;

import dev.shadowplane.control.replication.Manifest.Held;
import dev.shadowplane.control.replication.TreeEntry.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes single files and links of the target equal to those of the source. What is published is
 * always something that the source had: a file that changes while it is read is read again.
 */
final class FileBringer {
  /** From this size on, only what was added to a file is brought over. */
  static final long TAIL_BYTES = 1 << 20;

  private static final int MOST_READS = 3;

  private final Path source;
  private final TargetFolder target;
  private final Manifest manifest;
  private final FileContents contents = new FileContents();

  FileBringer(final Path source, final TargetFolder target, final Manifest manifest) {
    this.source = source;
    this.target = target;
    this.manifest = manifest;
  }

  /**
   * Brings a file over.
   *
   * @param path where it is in both folders.
   * @param found what the source has there.
   * @param compare whether contents are compared even if nothing says that they differ.
   * @return the bytes that were written to the target; -1 if there was nothing to do.
   * @throws IOException if it cannot be read or written, or does not rest.
   */
  long file(final String path, final TreeEntry found, final boolean compare) throws IOException {
    TreeEntry before = found;
    for (int reads = 0; reads < MOST_READS; reads++) {
      final TreeEntry there = target.entry(path);
      final Held held = brought(path, there);
      if (held != null && !compare && held.source().equals(before)) {
        return -1;
      }
      // What the target has already, in whole or as a beginning, need not be written.
      String hash = "";
      if (there != null && mayBeEqual(there, before, held, compare)) {
        hash = contents.hash(path(path), before.size());
        if (!hash.equals(contentsOf(path, there, compare ? null : held))) {
          hash = "";
        }
      } else if (held != null && isLonger(before, held.source())) {
        hash =
            contents.append(
                path(path), target.path(path), held.source().size(), held.content(), before.size());
      }
      if (bring(path, before, hash)) {
        return hash.isEmpty()
            ? before.size()
            : before.size() - Math.min(before.size(), Objects.requireNonNull(there).size());
      }
      final TreeEntry after = TreeEntry.of(path(path));
      if (after == null || after.kind() != Kind.FILE) {
        return -1; // What happened to it is told apart.
      }
      before = after;
    }
    throw new IOException("it changes while it is read: it is brought over when it rests");
  }

  /** Copies unless that was done; whether the source rested meanwhile, so that it was published. */
  private boolean bring(final String path, final TreeEntry before, final String known)
      throws IOException {
    final Path staged = known.isEmpty() ? target.stage() : null;
    try {
      final String hash = staged == null ? known : contents.copy(path(path), staged, before.size());
      if (!rested(path, before)) {
        return false;
      }
      final Path file = staged == null ? target.path(path) : staged;
      TargetFolder.permit(file, before.mode());
      TargetFolder.date(file, before.modifiedNs());
      if (staged != null) {
        target.publish(staged, path);
      }
      manifest.put(path, before, hash);
      return true;
    } finally {
      if (staged != null) {
        Files.deleteIfExists(staged);
      }
    }
  }

  /** Whether a file has not changed since, or has only become longer. */
  private boolean rested(final String path, final TreeEntry before) throws IOException {
    final TreeEntry after = TreeEntry.of(path(path));
    return after != null
        && after.kind() == Kind.FILE
        && after.inode() == before.inode()
        && (after.size() > before.size()
            || (after.size() == before.size() && after.modifiedNs() == before.modifiedNs()));
  }

  /** What was brought, if the target still has it as far as size and time tell. */
  private @Nullable Held brought(final String path, final @Nullable TreeEntry there) {
    final Held held = manifest.get(path);
    return held != null
            && there != null
            && there.kind() == Kind.FILE
            && there.size() == held.source().size()
            && there.modifiedNs() == held.source().modifiedNs()
        ? held
        : null;
  }

  private static boolean mayBeEqual(
      final TreeEntry there,
      final TreeEntry before,
      final @Nullable Held held,
      final boolean compare) {
    return there.kind() == Kind.FILE
        && there.size() == before.size()
        && (compare || held == null || held.source().sameContents(before));
  }

  /** The hash of the target's contents, by what is held of them or by reading them. */
  private String contentsOf(final String path, final TreeEntry there, final @Nullable Held held)
      throws IOException {
    return held == null ? contents.hash(target.path(path), there.size()) : held.content();
  }

  private static boolean isLonger(final TreeEntry before, final TreeEntry held) {
    return before.inode() == held.inode()
        && held.size() >= TAIL_BYTES
        && before.size() > held.size();
  }

  /**
   * Brings a link over as it is.
   *
   * @return whether there was anything to do.
   * @throws RefusedException if it leads out of the folder: in the shadow it would lead to
   *     something of the host.
   */
  boolean link(final String path, final TreeEntry found) throws IOException, RefusedException {
    final Path leads = Files.readSymbolicLink(path(path));
    final Path parent = Path.of("/" + path).getParent();
    if (leads.isAbsolute() || parent == null || leavesRoot(parent, leads)) {
      target.delete(path);
      manifest.remove(path);
      throw new RefusedException("the link leads out of the folder, to " + leads);
    }
    final Held held = manifest.get(path);
    final TreeEntry there = target.entry(path);
    if (held != null
        && there != null
        && there.kind() == Kind.LINK
        && held.content().equals(leads.toString())
        && Files.readSymbolicLink(target.path(path)).equals(leads)) {
      return false;
    }
    final Path staged = target.stage();
    try {
      Files.createSymbolicLink(staged, leads);
      target.publish(staged, path);
    } finally {
      Files.deleteIfExists(staged);
    }
    manifest.put(path, found, leads.toString());
    return true;
  }

  /** Whether following the names of a link from a folder goes above the root at any of them. */
  private static boolean leavesRoot(final Path folder, final Path leads) {
    int depth = folder.getNameCount();
    for (final Path name : leads) {
      depth += name.toString().equals("..") ? -1 : name.toString().equals(".") ? 0 : 1;
      if (depth < 0) {
        return true;
      }
    }
    return false;
  }

  private Path path(final String path) {
    return source.resolve(path);
  }
}
