package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FullRecordParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.PlainFrame;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dataplane.packet.TunnelHeader;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * The records of a burst as they go to the ring: lean and full ones, made from those that the
 * classifier reads while the frames may still be read. One thread; allocates nothing.
 */
final class RecordBatch {
  private static final int PLAIN_FULL_BYTES = PacketRecord.SHORT_BYTES + RecordExtension.BYTES;
  private static final long FULL = (long) PacketRecord.FLAG_FULL << Byte.SIZE;

  private final BurstParser parser;
  private final FullRecordParser outerFrames;
  private final FullRecordParser innerFrames;
  private final long room;
  private long from;
  private int bytes;
  private int full;

  RecordBatch(BurstParser parser, FlowHash flowHash, int capacity) {
    this.parser = parser;
    this.outerFrames = new FullRecordParser(flowHash, false);
    this.innerFrames = new FullRecordParser(flowHash, true);
    this.room =
        NativeMemory.allocate(
            (capacity + 1L) * (PacketRecord.LONG_BYTES + RecordExtension.BYTES), 64);
  }

  /** Takes the records of the burst as they were parsed, so many of them full. */
  void take(int fullRecords) {
    from = parser.records();
    bytes = parser.recordBytes();
    full = fullRecords;
  }

  /** Puts the rule that decided about each frame into its record; all records are full. */
  void putRules(int count, RuleTallies tallies, int[] deciding) {
    long record = from;
    for (int i = 0; i < count; i++) {
      final long next = parser.next(record);
      final int rule =
          parser.isShareable(i) ? number(tallies, deciding[i]) : RecordExtension.NO_RULE;
      RecordExtension.putRule(next - RecordExtension.BYTES, rule);
      record = next;
    }
  }

  /**
   * Makes the records of the burst that the parser has parsed last.
   *
   * @param burst its frames, which stay the caller's
   * @param count how many
   * @param inner whether packets in tunnels are recorded instead of those that carry them
   * @param share which of them are full
   * @param tallies of the rules
   * @param deciding the index of the rule that decided about each frame; null when {@code rule} did
   * @param common what records call the rule that decided about all
   */
  void make(
      MbufBurst burst,
      int count,
      boolean inner,
      FullShare share,
      RuleTallies tallies,
      int @Nullable [] deciding,
      int common) {
    final FullRecordParser frames = inner ? innerFrames : outerFrames;
    long record = parser.records();
    long to = room;
    full = 0;
    for (int i = 0; i < count; i++) {
      final int number = deciding == null ? common : number(tallies, deciding[i]);
      if (parser.isPlain(i) && !TunnelHeader.mayBePlainTunnel(record)) {
        to = plain(burst.get(i), record, share, number, to);
        record += PacketRecord.SHORT_BYTES;
      } else {
        final int applied = parser.isShareable(i) ? number : RecordExtension.NO_RULE;
        to = any(burst.get(i), i, record, frames, share, applied, to);
        record = parser.next(record);
      }
    }
    from = room;
    bytes = (int) (to - room);
  }

  private static int number(RuleTallies tallies, int rule) {
    return rule == RuleTable.NONE ? RecordExtension.NO_RULE : tallies.number(rule);
  }

  private long plain(long mbuf, long record, FullShare share, int rule, long to) {
    final long head = NativeMemory.getLong(record);
    final long ends = NativeMemory.getLong(record + PacketRecord.SOURCE_PORT);
    NativeMemory.putLong(to + 8, NativeMemory.getLong(record + 8));
    NativeMemory.putLong(to + 16, ends);
    NativeMemory.putLong(to + 24, NativeMemory.getLong(record + 24));
    if (!share.takes((int) (ends >>> Integer.SIZE))) {
      NativeMemory.putLong(to, head);
      return to + PacketRecord.SHORT_BYTES;
    }
    NativeMemory.putLong(to, head | FULL);
    PlainFrame.extend(Mbuf.data(mbuf), rule, to + PacketRecord.SHORT_BYTES);
    full++;
    return to + PLAIN_FULL_BYTES;
  }

  private long any(
      long mbuf,
      int index,
      long record,
      FullRecordParser frames,
      FullShare share,
      int rule,
      long to) {
    NativeMemory.copy(record, to, parser.next(record) - record);
    final int available = parser.gather(mbuf);
    frames.find(
        parser.gathered(),
        available,
        Mbuf.packetLength(mbuf),
        parser.networkOffset(index),
        parser.transportOffset(index),
        to);
    if (share.takes(NativeMemory.getInt(to + PacketRecord.FLOW_HASH))) {
      frames.extend(to, rule);
      full++;
    }
    return to + PacketRecord.totalBytes(NativeMemory.getUnsignedShort(to));
  }

  /** Where the first record lies. */
  long records() {
    return from;
  }

  /** The length of all. */
  int recordBytes() {
    return bytes;
  }

  /** How many of them are full. */
  int full() {
    return full;
  }
}
