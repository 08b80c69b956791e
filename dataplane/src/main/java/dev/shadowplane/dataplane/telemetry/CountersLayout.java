package dev.shadowplane.dataplane.telemetry;

import java.nio.MappedByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * Layout of the counters file: a header, then the metadata and the values of {@link
 * org.agrona.concurrent.status.CountersManager}. Native byte order: the file never leaves its host.
 *
 * <pre>
 *   0  i64 magic            8  i32 layout version   12  i32 number of counters
 *  16  i64 epoch           24  i64 pid              32  i64 pid namespace
 *  40  i64 start time, ms since 1970
 * 128  i64 heartbeat, ms since 1970                136  i64 1 once closed
 * 256  metadata: 512 bytes a counter, then values: 128 bytes a counter
 * </pre>
 */
final class CountersLayout {
  static final long MAGIC = 0x3154_4e43_5044_4853L;
  static final int VERSION = 1;
  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int COUNT_OFFSET = 12;
  static final int EPOCH_OFFSET = 16;
  static final int PID_OFFSET = 24;
  static final int PID_NAMESPACE_OFFSET = 32;
  static final int START_TIME_OFFSET = 40;
  static final int HEARTBEAT_OFFSET = 128;
  static final int CLOSED_OFFSET = 136;
  static final int HEADER_LENGTH = 256;

  private CountersLayout() {}

  static long fileLength(final int maxCounters) {
    return HEADER_LENGTH
        + (long) maxCounters * (CountersReader.METADATA_LENGTH + CountersReader.COUNTER_LENGTH);
  }

  static long metadataOffset(final int counter) {
    return HEADER_LENGTH + (long) counter * CountersReader.METADATA_LENGTH;
  }

  static long valuesOffset(final int maxCounters, final int counter) {
    return metadataOffset(maxCounters) + (long) counter * CountersReader.COUNTER_LENGTH;
  }

  static UnsafeBuffer metadata(final MappedByteBuffer file, final int maxCounters) {
    return new UnsafeBuffer(file, HEADER_LENGTH, maxCounters * CountersReader.METADATA_LENGTH);
  }

  static UnsafeBuffer values(final MappedByteBuffer file, final int maxCounters) {
    return new UnsafeBuffer(
        file,
        HEADER_LENGTH + maxCounters * CountersReader.METADATA_LENGTH,
        maxCounters * CountersReader.COUNTER_LENGTH);
  }
}
