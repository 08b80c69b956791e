package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** The header of a document that lies in a buffer of its reader. */
final class DocumentHeader {
  /** A longer document is damage: the largest batch and the tag of its encryption. */
  static final int MAX_DOCUMENT_BYTES = JournalOptions.MAX_BATCH_BYTES + JournalCipher.TAG_BYTES;

  private final CRC32C checksum = new CRC32C();
  private DirectBuffer buffer;
  private int index;

  DocumentHeader(DirectBuffer buffer) {
    this.buffer = buffer;
  }

  void wrap(DirectBuffer source, int at) {
    buffer = source;
    index = at;
  }

  int index() {
    return index;
  }

  /** What shows, without its body, that this is no document of {@code lengthBytes}, or null. */
  @Nullable String fault(int lengthBytes) {
    int magic = buffer.getInt(index + JournalFormat.MAGIC_OFFSET, LITTLE_ENDIAN);
    if (magic != JournalFormat.MAGIC) {
      return String.format("magic %08x instead of %08x", magic, JournalFormat.MAGIC);
    }
    int version =
        Short.toUnsignedInt(buffer.getShort(index + JournalFormat.VERSION_OFFSET, LITTLE_ENDIAN));
    if (version != JournalFormat.VERSION) {
      return "journal version " + version + ", this program reads " + JournalFormat.VERSION;
    }
    if (bodyLength() != lengthBytes - JournalFormat.HEADER_BYTES) {
      return "body length " + bodyLength() + " in a document of " + lengthBytes + " bytes";
    }
    if (type() < JournalFormat.TYPE_SESSION || type() > JournalFormat.TYPE_RULES) {
      return "document type " + type() + " is unknown";
    }
    if (isEncrypted() && bodyLength() < JournalCipher.TAG_BYTES) {
      return "an encrypted body of " + bodyLength() + " bytes";
    }
    return null;
  }

  /** Whether the checksum holds; all of the document is in the buffer. */
  boolean isIntact(ByteBuffer bytes) {
    checksum.reset();
    bytes.limit(index + lengthBytes()).position(index + JournalFormat.SESSION_OFFSET);
    checksum.update(bytes);
    bytes.clear();
    return (int) checksum.getValue()
        == buffer.getInt(index + JournalFormat.CHECKSUM_OFFSET, LITTLE_ENDIAN);
  }

  private int bodyLength() {
    return buffer.getInt(index + JournalFormat.BODY_LENGTH_OFFSET, LITTLE_ENDIAN);
  }

  int lengthBytes() {
    return JournalFormat.HEADER_BYTES + bodyLength();
  }

  int type() {
    return Byte.toUnsignedInt(buffer.getByte(index + JournalFormat.TYPE_OFFSET));
  }

  boolean isEncrypted() {
    return (buffer.getByte(index + JournalFormat.FLAGS_OFFSET) & JournalFormat.FLAG_ENCRYPTED) != 0;
  }

  private long field(int offset) {
    return buffer.getLong(index + offset, LITTLE_ENDIAN);
  }

  /** Start of the writer, nanoseconds since the epoch. */
  long sessionNs() {
    return field(JournalFormat.SESSION_OFFSET);
  }

  /** Number in session and queue. */
  long number() {
    return field(JournalFormat.NUMBER_OFFSET);
  }

  long timeNs() {
    return field(JournalFormat.TIME_OFFSET);
  }

  long firstNs() {
    return field(JournalFormat.FIRST_OFFSET);
  }

  long lastNs() {
    return field(JournalFormat.LAST_OFFSET);
  }

  /** Of frames documents. */
  int frameCount() {
    return buffer.getInt(index + JournalFormat.FRAME_COUNT_OFFSET, LITTLE_ENDIAN);
  }

  /** 0 when the body is not encrypted. */
  long keyId() {
    return Integer.toUnsignedLong(buffer.getInt(index + JournalFormat.KEY_OFFSET, LITTLE_ENDIAN));
  }

  /** The index of the first magic at a multiple of four behind {@code from}, or none. */
  static int findMagic(DirectBuffer buffer, int from, int to) {
    for (int i = from; i <= to - Integer.BYTES; i += QueueFile.WORD_BYTES) {
      if (buffer.getInt(i, LITTLE_ENDIAN) == JournalFormat.MAGIC) {
        return i;
      }
    }
    return QueueFile.ABSENT;
  }
}
