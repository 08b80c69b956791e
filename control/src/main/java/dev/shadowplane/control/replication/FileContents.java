package dev.shadowplane.control.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/** Reads, hashes and copies contents of files through one buffer; no link is followed. */
final class FileContents {
  private static final int BUFFER_BYTES = 256 << 10;
  private static final Set<OpenOption> READING =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  private static final Set<OpenOption> CREATING =
      Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
  private static final Set<OpenOption> APPENDING =
      Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final MessageDigest digest;

  FileContents() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The SHA-256 of the first bytes of a file, in hexadecimal; of fewer if it is shorter. */
  String hash(final Path file, final long bytes) throws IOException {
    try (FileChannel in = FileChannel.open(file, READING)) {
      digest.reset();
      digest(in, bytes);
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  /** Writes the first bytes of a file to a new one, fewer if it is shorter; returns their hash. */
  String copy(final Path from, final Path to, final long bytes) throws IOException {
    try (FileChannel in = FileChannel.open(from, READING);
        FileChannel out = FileChannel.open(to, CREATING)) {
      digest.reset();
      copy(in, out, bytes);
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  /**
   * Makes a file as long as another by adding what it lacks, if the other begins with what it has.
   *
   * @param from the longer file.
   * @param to the shorter one, of {@code held} bytes with the hash {@code heldHash}.
   * @param bytes how many it is to have.
   * @return the hash of all of it; empty, with nothing changed, if the other begins otherwise.
   */
  String append(
      final Path from, final Path to, final long held, final String heldHash, final long bytes)
      throws IOException {
    try (FileChannel in = FileChannel.open(from, READING)) {
      digest.reset();
      digest(in, held);
      final String prefix;
      try {
        prefix = HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
      }
      if (!prefix.equals(heldHash)) {
        return "";
      }
      try (FileChannel out = FileChannel.open(to, APPENDING)) {
        out.position(held);
        copy(in, out, bytes - held);
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  private void digest(final FileChannel in, final long bytes) throws IOException {
    long left = bytes;
    while (left > 0 && fill(in, left)) {
      left -= buffer.remaining();
      digest.update(buffer);
    }
  }

  private void copy(final FileChannel in, final FileChannel out, final long bytes)
      throws IOException {
    long left = bytes;
    while (left > 0 && fill(in, left)) {
      left -= buffer.remaining();
      digest.update(buffer.duplicate());
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
    }
  }

  private boolean fill(final FileChannel in, final long most) throws IOException {
    buffer.clear().limit((int) Math.min(most, BUFFER_BYTES));
    final int read = in.read(buffer);
    buffer.flip();
    return read > 0;
  }
}
