package dev.shadowplane.control.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last revision that a store has committed, in a file of its own: a store's file whose end is
 * damaged is opened as it was some commits before, which would not be noticed otherwise. It is
 * written after the commit, so it is never ahead of an intact store.
 */
final class RevisionFile implements AutoCloseable {
  private static final int DIGITS = 16;

  private final Path store;
  private @Nullable FileChannel channel;

  RevisionFile(final Path store) {
    this.store = store;
  }

  static Path beside(final Path store) {
    return store.resolveSibling(store.getFileName() + ".revision");
  }

  /** The revision; 0 if there is no file, or it was being written. */
  long read() throws IOException {
    try {
      final String text = Files.readString(beside(store));
      return text.length() == DIGITS ? Long.parseUnsignedLong(text, 16) : 0;
    } catch (NoSuchFileException | NumberFormatException e) {
      return 0;
    }
  }

  void write(final long revision) throws IOException {
    if (channel == null) {
      channel =
          FileChannel.open(
              beside(store),
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    final ByteBuffer digits =
        ByteBuffer.wrap("%016x".formatted(revision).getBytes(StandardCharsets.US_ASCII));
    for (int at = 0; digits.hasRemaining(); ) {
      at += channel.write(digits, at);
    }
  }

  StoreException lost(final long found, final long known) {
    return new StoreException(
        store
            + " is damaged: it ends with revision "
            + found
            + " and had "
            + known
            + ": put back a copy, or delete "
            + beside(store)
            + " to go on with revision "
            + found);
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new StoreException(beside(store) + " cannot be closed: " + e, e);
    }
  }
}
