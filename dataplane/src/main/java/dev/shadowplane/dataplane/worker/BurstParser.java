package dev.shadowplane.dataplane.worker;

import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.FullRecordParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.PlainFrame;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dataplane.packet.TunnelHeader;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import org.agrona.concurrent.status.AtomicCounter;

/** Parses a burst of mbufs into records that lie back to back. One thread; allocates nothing. */
final class BurstParser {
  /** So few flows are hashed faster one by one than a whole batch at once. */
  private static final int FEW = 6;

  private static final int PLAIN_FULL_BYTES = PacketRecord.SHORT_BYTES + RecordExtension.BYTES;
  private static final int FULL = PacketRecord.FLAG_FULL << (Byte.SIZE * PacketRecord.FLAGS);

  private final FrameParser parser;
  private final FullRecordParser fullParser;
  private final FlowHash flowHash;
  private final long records;
  private final long[] flows = new long[2 * FlowHash.BATCH];
  private final long gatherBuffer = NativeMemory.allocate(FrameParser.GATHER_BYTES, 64);
  private long end;
  private int extensionBytes;
  private long gathered;
  private long unshareable;

  /**
   * Frames parsed with care, and where their headers lie: the network's, above it the transport's.
   */
  private long careful;

  private final int[] offsets;

  /** A parser of bursts of up to {@code capacity} frames, at most 64. */
  BurstParser(FrameParser parser, int capacity) {
    this.parser = parser;
    this.fullParser = new FullRecordParser(parser.flowHash(), false);
    this.flowHash = parser.flowHash();
    this.offsets = new int[capacity];
    this.records =
        NativeMemory.allocate(
            (capacity + 1L) * (PacketRecord.LONG_BYTES + RecordExtension.BYTES), 64);
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
  long next(long record) {
    return record
        + PacketRecord.lengthBytes(getUnsignedByte(record + PacketRecord.KIND))
        + extensionBytes;
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

  /** Whether {@link PlainFrame} parsed a frame of the burst, of which records are lean. */
  boolean isPlain(int index) {
    return (careful & (1L << index)) == 0;
  }

  /** What {@link FrameParser#networkOffset} was for a frame of the burst. */
  int networkOffset(int index) {
    return isPlain(index) ? PlainFrame.NETWORK_OFFSET : offsets[index] & 0xffff;
  }

  /** What {@link FrameParser#transportOffset} was for a frame of the burst. */
  int transportOffset(int index) {
    return isPlain(index) ? PlainFrame.TRANSPORT_OFFSET : offsets[index] >>> Short.SIZE;
  }

  /**
   * Parses a burst.
   *
   * @param burst the frames, which stay the caller's
   * @param count how many, at least 1
   * @param path where they come from
   * @param full whether to write full records
   * @param rule what goes into them as {@link RecordExtension#RULE}
   */
  void parse(MbufBurst burst, int count, ForwardPath path, boolean full, int rule) {
    end = records;
    unshareable = 0;
    careful = 0;
    int malformed = 0;
    final int head = PlainFrame.head(path.ingressPort()) | (full ? FULL : 0);
    extensionBytes = full ? RecordExtension.BYTES : 0;
    final int stride = PacketRecord.SHORT_BYTES + extensionBytes;
    final long begin = burst.address(0);
    final long last = burst.address(count);
    long at = begin;
    while (at != last) {
      final long first = end;
      at = full ? parsePlainFully(at, last, head, rule) : parsePlain(at, last, head);
      hash(first, stride);
      if (at != last) {
        final int index = (int) ((at - begin) >>> 3);
        malformed +=
            parseAny(burst.get(index), index, path, full, rule) & PacketRecord.FLAG_MALFORMED;
        at += Long.BYTES;
      }
    }
    if ((malformed | unshareable) != 0) {
      add(path.counters().malformed(), malformed);
      add(path.counters().unshareable(), Long.bitCount(unshareable));
    }
  }

  /**
   * Parses mbufs, whose addresses lie from {@code from} to {@code last}, up to the first frame that
   * is not of the most common kind. Where its address lies is returned.
   */
  private long parsePlain(long from, long last, int head) {
    long record = end;
    long at = from;
    for (; at != last; at += Long.BYTES) {
      final long mbuf = NativeMemory.getLong(at);
      final int available = Mbuf.dataLength(mbuf);
      final int length = Mbuf.packetLength(mbuf);
      if (available != length
          || Mbuf.offloadFlags(mbuf) != 0
          || !PlainFrame.parse(Mbuf.data(mbuf), available, length, head, record)) {
        break;
      }
      record += PacketRecord.SHORT_BYTES;
    }
    end = record;
    return at;
  }

  /** As {@link #parsePlain}, with extensions, and up to a frame that may carry another too. */
  private long parsePlainFully(long from, long last, int head, int rule) {
    long record = end;
    long at = from;
    for (; at != last; at += Long.BYTES) {
      final long mbuf = NativeMemory.getLong(at);
      final int available = Mbuf.dataLength(mbuf);
      final int length = Mbuf.packetLength(mbuf);
      final long frame = Mbuf.data(mbuf);
      if (available != length
          || Mbuf.offloadFlags(mbuf) != 0
          || !PlainFrame.parse(frame, available, length, head, record)
          || TunnelHeader.mayBePlainTunnel(record)) {
        break;
      }
      PlainFrame.extend(frame, rule, record + PacketRecord.SHORT_BYTES);
      record += PLAIN_FULL_BYTES;
    }
    end = record;
    return at;
  }

  /**
   * Hashes the records of plain frames from {@code first} on. A pass of its own: the long chains of
   * the hash would keep parsing from overlapping frames, and vectors hash eight at once.
   */
  private void hash(long first, int stride) {
    final int count = (int) ((end - first) / stride);
    if (count < FEW) {
      for (int i = 0; i < count; i++) {
        parser.hash(first + i * (long) stride);
      }
      return;
    }
    for (int done = 0; done < count; done += FlowHash.BATCH) {
      hashBatch(first + done * (long) stride, stride, Math.min(FlowHash.BATCH, count - done));
    }
  }

  private void hashBatch(long first, int stride, int count) {
    for (int i = 0; i < count; i++) {
      final long record = first + i * (long) stride;
      flows[i] = NativeMemory.getLong(record + PacketRecord.SOURCE_ADDRESS);
      // Behind 24 bits of no interest: the protocol and the ports.
      flows[i + FlowHash.BATCH] = NativeMemory.getLong(record + PacketRecord.INNER_VLAN_TCI) >>> 24;
    }
    flowHash.ofIpv4(flows);
    for (int i = 0; i < count; i++) {
      NativeMemory.putInt(
          first + i * (long) stride + PacketRecord.FLOW_HASH, (int) flows[i + FlowHash.BATCH]);
    }
  }

  private int parseAny(long mbuf, int index, ForwardPath path, boolean full, int rule) {
    if (!Mbuf.normalise(mbuf)) {
      unshareable |= 1L << index;
    }
    final int available = gather(mbuf);
    final int length = Mbuf.packetLength(mbuf);
    final int flags;
    if (full) {
      final int applied = isShareable(index) ? rule : RecordExtension.NO_RULE;
      flags = fullParser.parse(gathered, available, length, path.ingressPort(), applied, end);
    } else {
      flags = parser.parse(gathered, available, length, path.ingressPort(), end);
      careful |= 1L << index;
      offsets[index] = parser.networkOffset() | parser.transportOffset() << Short.SIZE;
    }
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
