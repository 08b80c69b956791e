package dev.shadowplane.dataplane.worker;

import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import org.agrona.concurrent.status.AtomicCounter;

/** Parses a burst of mbufs into records that lie back to back. One thread; allocates nothing. */
final class BurstParser {
  private final FrameParser parser;
  private final FlowHash flowHash;
  private final long records;
  private final long gatherBuffer = NativeMemory.allocate(FrameParser.GATHER_BYTES, 64);
  private long end;
  private long gathered;
  private long unshareable;

  /** A parser of bursts of up to {@code capacity} frames, at most 64. */
  BurstParser(FrameParser parser, int capacity) {
    this.parser = parser;
    this.flowHash = parser.flowHash();
    this.records = NativeMemory.allocate((capacity + 1L) * PacketRecord.LONG_BYTES, 64);
  }

  /** Where the first record of the burst lies. */
  long records() {
    return records;
  }

  /** The length of all records of the burst. */
  int recordBytes() {
    return (int) (end - records);
  }

  /** Where the record after this one lies. */
  static long next(long record) {
    return record + PacketRecord.lengthBytes(getUnsignedByte(record + PacketRecord.KIND));
  }

  /**
   * Whether a frame of the burst may be mirrored: one whose stripped tag cannot be put back may
   * not.
   */
  boolean isShareable(int index) {
    return (unshareable & (1L << index)) == 0;
  }

  /** How many frames of the burst may be mirrored. */
  int shareable(int count) {
    return count - Long.bitCount(unshareable);
  }

  void parse(MbufBurst burst, int count, ForwardPath path) {
    end = records;
    unshareable = 0;
    int malformed = 0;
    int i = 0;
    while (i < count) {
      i = parsePlain(burst, i, count, path.ingressPort());
      if (i < count) {
        malformed += parseAny(burst.get(i), i, path) & PacketRecord.FLAG_MALFORMED;
        i++;
      }
    }
    if ((malformed | unshareable) != 0) {
      add(path.counters().malformed(), malformed);
      add(path.counters().unshareable(), Long.bitCount(unshareable));
    }
  }

  /**
   * Parses from {@code from} on up to the first frame that is not of the most common kind, whose
   * index is returned.
   */
  private int parsePlain(MbufBurst burst, int from, int count, int ingressPort) {
    final long first = end;
    final long last = burst.address(count);
    long record = first;
    long at = burst.address(from);
    for (; at != last; at += Long.BYTES) {
      final long mbuf = NativeMemory.getLong(at);
      final int available = Mbuf.dataLength(mbuf);
      final int length = Mbuf.packetLength(mbuf);
      if (available != length
          || Mbuf.offloadFlags(mbuf) != 0
          || !FrameParser.parsePlain(Mbuf.data(mbuf), available, length, ingressPort, record)) {
        break;
      }
      record += PacketRecord.SHORT_BYTES;
    }
    // A second pass: the long chains of the hash would keep the first from overlapping frames.
    flowHash.fillIpv4(first, record);
    end = record;
    return count - (int) ((last - at) / Long.BYTES);
  }

  private int parseAny(long mbuf, int index, ForwardPath path) {
    if (!Mbuf.normalise(mbuf)) {
      unshareable |= 1L << index;
    }
    final int available = gather(mbuf);
    final int flags =
        parser.parse(gathered, available, Mbuf.packetLength(mbuf), path.ingressPort(), end);
    end = next(end);
    return flags;
  }

  /**
   * Makes the beginning of a frame contiguous, as far as it is not.
   *
   * @return how many bytes can be read at {@link #gathered()}
   */
  int gather(long mbuf) {
    final int available = Mbuf.dataLength(mbuf);
    if (available < Mbuf.packetLength(mbuf) && available < FrameParser.GATHER_BYTES) {
      gathered = gatherBuffer;
      return Mbuf.gather(mbuf, gatherBuffer, FrameParser.GATHER_BYTES);
    }
    gathered = Mbuf.data(mbuf);
    return available;
  }

  /** Where the beginning of the frame lies that was gathered last. */
  long gathered() {
    return gathered;
  }

  private static void add(AtomicCounter counter, int count) {
    counter.setRelease(counter.getPlain() + count);
  }
}
