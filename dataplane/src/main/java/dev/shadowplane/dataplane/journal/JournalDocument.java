package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalFormat.BODY_LENGTH_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.CHECKSUM_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.FIRST_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.FLAGS_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.FRAME_COUNT_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.HEADER_BYTES;
import static dev.shadowplane.dataplane.journal.JournalFormat.KEY_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.LAST_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.MAGIC;
import static dev.shadowplane.dataplane.journal.JournalFormat.MAGIC_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.NUMBER_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.SESSION_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.TIME_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.TYPE_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.VERSION;
import static dev.shadowplane.dataplane.journal.JournalFormat.VERSION_OFFSET;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import net.openhft.chronicle.bytes.BytesStore;
import org.agrona.concurrent.UnsafeBuffer;

/** One document in direct memory: composed here before it is written. */
final class JournalDocument {
  private final ByteBuffer bytes;
  private final UnsafeBuffer buffer;
  private final BytesStore<?, ?> store;
  private final CRC32C checksum = new CRC32C();

  JournalDocument(int capacityBytes) {
    bytes = ByteBuffer.allocateDirect(capacityBytes).order(LITTLE_ENDIAN);
    buffer = new UnsafeBuffer(bytes);
    store = BytesStore.wrap(bytes);
  }

  UnsafeBuffer buffer() {
    return buffer;
  }

  BytesStore<?, ?> store() {
    return store;
  }

  int capacityBytes() {
    return bytes.capacity();
  }

  /**
   * Writes the header, all but what {@link #range} sets.
   *
   * @param lengthBytes of the document, header included
   */
  void seal(int type, long sessionNs, long number, long timeNs, int lengthBytes) {
    buffer.putInt(MAGIC_OFFSET, MAGIC, LITTLE_ENDIAN);
    buffer.putShort(VERSION_OFFSET, (short) VERSION, LITTLE_ENDIAN);
    buffer.putByte(TYPE_OFFSET, (byte) type);
    buffer.putByte(FLAGS_OFFSET, (byte) 0);
    buffer.putInt(BODY_LENGTH_OFFSET, lengthBytes - HEADER_BYTES, LITTLE_ENDIAN);
    buffer.putLong(SESSION_OFFSET, sessionNs, LITTLE_ENDIAN);
    buffer.putLong(NUMBER_OFFSET, number, LITTLE_ENDIAN);
    buffer.putLong(TIME_OFFSET, timeNs, LITTLE_ENDIAN);
    buffer.putInt(KEY_OFFSET, 0, LITTLE_ENDIAN);
    buffer.putInt(CHECKSUM_OFFSET, checksum(lengthBytes), LITTLE_ENDIAN);
  }

  /** Sets the part of the header that is about frames; before it is sealed. */
  void range(long firstNs, long lastNs, int frameCount) {
    buffer.putLong(FIRST_OFFSET, firstNs, LITTLE_ENDIAN);
    buffer.putLong(LAST_OFFSET, lastNs, LITTLE_ENDIAN);
    buffer.putInt(FRAME_COUNT_OFFSET, frameCount, LITTLE_ENDIAN);
  }

  private int checksum(int lengthBytes) {
    checksum.reset();
    bytes.limit(lengthBytes).position(SESSION_OFFSET);
    checksum.update(bytes);
    bytes.clear();
    return (int) checksum.getValue();
  }
}
