package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.util.Arrays;
import java.util.List;
import org.agrona.MutableDirectBuffer;

/** The counters of each port since the session began, and their layout in a document. */
final class JournalStatistics {
  private static final short NO_ROW = -1;

  private final List<JournalPort> ports;
  private final PortCounters counters;
  private final short[] rowByPort;
  private final long[] journaled;
  private final long[] failed;
  private final long[] receivedBase;
  private final long[] shedBase;
  private long writtenTotal = -1;

  JournalStatistics(List<JournalPort> ports, PortCounters counters) {
    this.ports = ports;
    this.counters = counters;
    int rows = ports.size();
    rowByPort = new short[ports.stream().mapToInt(JournalPort::index).max().orElseThrow() + 1];
    Arrays.fill(rowByPort, NO_ROW);
    journaled = new long[rows];
    failed = new long[rows];
    receivedBase = new long[rows];
    shedBase = new long[rows];
    for (int row = 0; row < rows; row++) {
      int port = ports.get(row).index();
      rowByPort[port] = (short) row;
      receivedBase[row] = counters.receivedFrames(port);
      shedBase[row] = counters.shedFrames(port);
    }
  }

  /** Room to count the frames of a batch, by row. */
  int[] newBatch() {
    return new int[ports.size()];
  }

  /** Counts a frame of a batch; one of an unknown port counts for its rule alone. */
  void frame(int[] batch, short portIndex) {
    int port = Short.toUnsignedInt(portIndex);
    int row = port < rowByPort.length ? rowByPort[port] : NO_ROW;
    if (row != NO_ROW) {
      batch[row]++;
    }
  }

  /** Adds a batch to what was journaled or what failed, and clears it. */
  void settle(int[] batch, boolean written) {
    long[] target = written ? journaled : failed;
    for (int row = 0; row < batch.length; row++) {
      target[row] += batch[row];
      batch[row] = 0;
    }
  }

  int maxBodyBytes() {
    return JournalFormat.STATISTICS_COUNT_BYTES
        + ports.size() * JournalFormat.STATISTICS_ENTRY_BYTES;
  }

  /** Whether anything was counted since {@link #encode} was last called. */
  boolean moved() {
    return total() != writtenTotal;
  }

  private long total() {
    long total = 0;
    for (int row = 0; row < journaled.length; row++) {
      total += received(row) + journaled[row] + shed(row);
    }
    return total;
  }

  private long received(int row) {
    return counters.receivedFrames(ports.get(row).index()) - receivedBase[row];
  }

  private long shed(int row) {
    return counters.shedFrames(ports.get(row).index()) - shedBase[row] + failed[row];
  }

  /** Writes the body of a statistics document and returns its length. */
  int encode(MutableDirectBuffer buffer, int index) {
    writtenTotal = total();
    buffer.putLong(index, ports.size(), LITTLE_ENDIAN);
    int at = index + JournalFormat.STATISTICS_COUNT_BYTES;
    for (int row = 0; row < journaled.length; row++) {
      buffer.putLong(at, ports.get(row).index(), LITTLE_ENDIAN);
      buffer.putLong(at + 8, received(row), LITTLE_ENDIAN);
      buffer.putLong(at + 16, journaled[row], LITTLE_ENDIAN);
      buffer.putLong(at + 24, shed(row), LITTLE_ENDIAN);
      at += JournalFormat.STATISTICS_ENTRY_BYTES;
    }
    return at - index;
  }
}
