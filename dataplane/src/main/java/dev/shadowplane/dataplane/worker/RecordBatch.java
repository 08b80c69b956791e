package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FullRecordParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
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
    // What stays as it is is copied by the run.
    long run = parser.records();
    long record = run;
    long to = room;
    full = 0;
    for (int i = 0; i < count; i++) {
      final long next = parser.isPlain(i) ? record + PacketRecord.SHORT_BYTES : parser.next(record);
      final boolean taken = share.takes(NativeMemory.getInt(record + PacketRecord.FLOW_HASH));
      if (taken || (inner && TunnelHeader.mayBeTunnel(record))) {
        NativeMemory.copy(run, to, record - run);
        to += record - run;
        final int rule = deciding == null ? common : number(tallies, deciding[i]);
        to = change(burst.get(i), i, record, next, frames, share, rule, to);
        run = next;
      }
      record = next;
    }
    NativeMemory.copy(run, to, record - run);
    from = room;
    bytes = (int) (to + record - run - room);
  }

  /** Writes one record that is full, or another packet's; returns where the next one goes. */
  private long change(
      long mbuf,
      int index,
      long record,
      long next,
      FullRecordParser frames,
      FullShare share,
      int rule,
      long to) {
    NativeMemory.copy(record, to, next - record);
    final int available = parser.gather(mbuf);
    frames.find(
        parser.gathered(),
        available,
        Mbuf.packetLength(mbuf),
        parser.networkOffset(index),
        parser.transportOffset(index),
        to);
    if (share.takes(NativeMemory.getInt(to + PacketRecord.FLOW_HASH))) {
      frames.extend(to, parser.isShareable(index) ? rule : RecordExtension.NO_RULE);
      full++;
    }
    return to + PacketRecord.totalBytes(NativeMemory.getUnsignedShort(to));
  }

  private static int number(RuleTallies tallies, int rule) {
    return rule == RuleTable.NONE ? RecordExtension.NO_RULE : tallies.number(rule);
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
