package dev.shadowplane.dataplane.encap;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;

import dev.shadowplane.dataplane.mirror.CopyShed;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.MbufView;
import dev.shadowplane.dpdk.NativeMemory;
import dev.shadowplane.dpdk.PktmbufPool;
import dev.shadowplane.dpdk.TxQueue;
import org.jspecify.annotations.Nullable;

/**
 * A worker's way to a collector, or to a port for copies that are changed: collects references
 * during a burst; after production has been sent, makes the copies and sends them. One thread; its
 * {@link #close} when that has ended. Allocates nothing on the heap.
 *
 * <p>Each frame added brings a reference, which goes with the copy or is given up.
 */
public final class CopyTarget implements AutoCloseable {
  /**
   * Bytes of a header mbuf: the outer header, then the leading bytes of the frame; whole cache
   * lines.
   */
  public static final int HEADER_BYTES = (OuterHeader.MAX_BYTES + FrameEditor.MAX_BYTES + 63) & ~63;

  /** Stands for a shape that changes nothing. */
  static final int UNCHANGED = -1;

  /** The most fragments of one datagram: 65,535 bytes at the least MTU. */
  private static final int MOST_FRAGMENTS = 128;

  private static final int BUILT = 32 + MOST_FRAGMENTS;

  /** Stands in the place of a slot for what no rule asked for. */
  private static final int NO_SLOT = Integer.MIN_VALUE;

  private static final int ROW_BYTES = 24;
  private static final int RECORD = 8;
  private static final int SLOT = 16;
  private static final int SHAPE = 20;

  private static final int TAGGED_BYTES = 16;

  private final TxQueue queue;
  private final int maxFrameBytes;
  private final @Nullable OuterHeader outer;
  private final MbufAllocator allocator;
  private final CopyChain chain;
  private final FrameEditor editor = new FrameEditor();
  private final long firstBytes = NativeMemory.allocate(TAGGED_BYTES, Long.BYTES);

  /**
   * What was added, a row each in native memory, where nothing stands between a field and its
   * value: the frame, its record, its slot, the number of its shape.
   */
  private final long rows;

  private final MbufBurst spent;
  private CopyShape[] shapes = {};
  private int count;
  private int spentCount;

  private final MbufBurst built = new MbufBurst(BUILT);

  /** Their slots; negated where a fragment is not the first of its packet. */
  private final long builtSlots = NativeMemory.allocate(BUILT * 4L, Integer.BYTES);

  private int builtCount;

  /**
   * A port.
   *
   * @param queue a transmit queue that the worker owns
   * @param maxFrameBytes the longest frame that the port takes
   * @param pool of header mbufs with {@link #HEADER_BYTES} each; outlives this
   * @param capacity the most frames in a burst
   */
  public CopyTarget(TxQueue queue, int maxFrameBytes, PktmbufPool pool, int capacity) {
    this(queue, maxFrameBytes, null, pool, capacity);
  }

  /**
   * A collector.
   *
   * @param queue a transmit queue, of the port that the link names, that the worker owns
   * @param link to the collector
   * @param worker the worker's index
   * @param workers how many workers there are
   * @param pool of header mbufs with {@link #HEADER_BYTES} each; outlives this
   * @param capacity the most frames in a burst
   */
  public CopyTarget(
      TxQueue queue, CollectorLink link, int worker, int workers, PktmbufPool pool, int capacity) {
    this(queue, Integer.MAX_VALUE, link.header(worker, workers), pool, capacity);
  }

  private CopyTarget(
      TxQueue queue,
      int maxFrameBytes,
      @Nullable OuterHeader outer,
      PktmbufPool pool,
      int capacity) {
    this.queue = queue;
    this.maxFrameBytes = maxFrameBytes;
    this.outer = outer;
    this.allocator = new MbufAllocator(pool, capacity);
    this.chain = new CopyChain(allocator);
    this.rows = NativeMemory.allocate((long) capacity * ROW_BYTES, Long.BYTES);
    this.spent = new MbufBurst(capacity);
  }

  /** Whether what it sends bears the time. */
  boolean stamps() {
    return outer != null && outer.stamps();
  }

  /**
   * Takes a reference.
   *
   * @param mbuf a frame
   * @param record its record, which stays as it is until {@link #send}
   * @param shape the number of what is changed about it, or {@link #UNCHANGED}
   * @param slot of the rule and its target, as {@link RuleTally#slot} packs them
   * @param tally where it is counted
   */
  void add(long mbuf, long record, int shape, int slot, RuleTally.TargetTally tally) {
    final long row = row(count++);
    putLong(row, mbuf);
    putLong(row + RECORD, record);
    putInt(row + SLOT, slot);
    putInt(row + SHAPE, shape);
    tally.mirrored();
  }

  /** Drops what was added and leaves its references to nobody: after an error within a burst. */
  void forget() {
    count = 0;
    spentCount = 0;
    builtCount = 0;
    chain.empty();
  }

  /**
   * Makes copies of what was added and sends them; what cannot be, or is not taken, is counted.
   *
   * @param tallies those of the rules that the slots refer to
   * @param byNumber shapes
   * @param ingressPort index of the port that received the burst
   * @param stampNs when, since the epoch
   */
  void send(RuleTallies tallies, CopyShape[] byNumber, int ingressPort, long stampNs) {
    if (count == 0) {
      return;
    }
    shapes = byNumber;
    final boolean reachable = outer == null || outer.begin(count, ingressPort, stampNs);
    for (int i = 0; i < count; i++) {
      if (!reachable) {
        tallies.ofSlot(slot(i)).copyShedInstead(CopyShed.NEXT_HOP_UNRESOLVED);
        spent.set(spentCount++, frame(i));
        continue;
      }
      if (builtCount > BUILT - MOST_FRAGMENTS) {
        flush(tallies);
      }
      if (!quickly(i)) {
        copy(i, tallies);
      }
    }
    if (outer != null && outer.nextHop().isDue()) {
      ask(outer.nextHop());
    }
    flush(tallies);
    if (spentCount > 0) {
      spent.free(0, spentCount);
      spentCount = 0;
    }
    count = 0;
  }

  /**
   * The most common copy: a whole frame of one segment, nothing about it changed, in one outer
   * packet. The same as {@link #copy} does, with less to keep in mind.
   *
   * @return whether it was; otherwise nothing has been done
   */
  private boolean quickly(int i) {
    final long row = row(i);
    final long frame = getLong(row);
    final int inner = Mbuf.packetLength(frame);
    final @Nullable OuterHeader header = outer;
    if (header == null
        || inner > header.maxInnerBytes()
        || getInt(row + SHAPE) != UNCHANGED
        || Mbuf.segments(frame) != 1
        || !MbufView.isDirect(frame)) {
      return false;
    }
    final long view = allocator.take();
    final long head = allocator.take();
    if (head == 0) {
      if (view != 0) {
        allocator.giveBack(view);
      }
      return false;
    }
    MbufView.attach(view, frame, 0, inner);
    final int bytes = header.bytes();
    final long data =
        Mbuf.begin(head, OuterHeader.MAX_BYTES - bytes, bytes, view, 2, bytes + inner);
    final int hash = getInt(getLong(row + RECORD) + PacketRecord.FLOW_HASH);
    header.write(data + bytes, inner, hash, header.tellsTag() ? tag(i) : 0, false);
    put(head, getInt(row + SLOT));
    return true;
  }

  private void copy(int i, RuleTallies tallies) {
    final int first = builtCount;
    chain.from(frame(i));
    final @Nullable CopyShed shed = lead(i);
    if (shed == null) {
      put(chain.finish(), builtCount == first ? slot(i) : ~slot(i));
    } else {
      chain.drop();
      if (builtCount > first) {
        built.free(first, builtCount - first);
        builtCount = first;
      }
      tallies.ofSlot(slot(i)).copyShedInstead(shed);
    }
    if (!chain.isGiven()) {
      spent.set(spentCount++, frame(i));
    }
  }

  /** Begins a copy with the bytes that change, if any do, and a place for a header before them. */
  private @Nullable CopyShed lead(int i) {
    final CopyShape shape = shape(i);
    final int whole = Mbuf.packetLength(frame(i));
    final int length = Math.min(whole, shape.snapBytes());
    if (outer == null && !shape.edits()) {
      return toPort(length, length);
    }
    final long lead = chain.begin(OuterHeader.MAX_BYTES, 0);
    if (lead == 0) {
      return CopyShed.NO_MBUF;
    }
    int inner = length;
    int rest = length;
    if (shape.edits()) {
      if (!editor.edit(shape, frame(i), length, lead)) {
        return CopyShed.UNCHANGEABLE;
      }
      chain.headerBytes(editor.written());
      chain.skip(editor.consumed());
      rest -= editor.consumed();
      inner = rest + editor.written();
    }
    return outer == null ? toPort(inner, rest) : toCollector(outer, i, inner, rest, length < whole);
  }

  private @Nullable CopyShed toPort(int inner, int rest) {
    if (inner > maxFrameBytes) {
      return CopyShed.FRAME_TOO_LONG;
    }
    return chain.appendRest(rest) ? null : CopyShed.NO_MBUF;
  }

  private @Nullable CopyShed toCollector(
      OuterHeader header, int i, int inner, int rest, boolean truncated) {
    final int excess = inner - header.maxInnerBytes();
    if (excess <= 0) {
      return encapsulate(header, i, inner, rest, truncated);
    }
    return switch (header.tooLong()) {
      case REFUSE -> CopyShed.MTU;
      case TRUNCATE -> encapsulate(header, i, inner - excess, rest - excess, true);
      case FRAGMENT ->
          inner > header.maxDatagramBytes()
              ? CopyShed.FRAME_TOO_LONG
              : fragment(header, i, inner, truncated);
    };
  }

  private @Nullable CopyShed encapsulate(
      OuterHeader header, int i, int inner, int rest, boolean truncated) {
    final int hash = hash(i);
    header.write(chain.data(), inner, hash, header.tellsTag() ? tag(i) : 0, truncated);
    chain.prepend(header.bytes());
    return chain.appendRest(rest) ? null : CopyShed.NO_MBUF;
  }

  /** All fragments but the last are built; the last is in the chain. */
  private @Nullable CopyShed fragment(OuterHeader header, int i, int inner, boolean truncated) {
    final int hash = hash(i);
    final int first = builtCount;
    final int each = header.fragmentPayloadBytes();
    final int payload = header.tunnelBytes() + inner;
    final int ofFrame = each - header.tunnelBytes() - chain.length();
    header.writeFirst(chain.data(), inner, hash, header.tellsTag() ? tag(i) : 0, truncated);
    chain.prepend(header.firstFragmentHeaderBytes());
    if (!chain.append(ofFrame)) {
      return CopyShed.NO_MBUF;
    }
    for (int at = each; at < payload; at += each) {
      put(chain.finish(), builtCount == first ? slot(i) : ~slot(i));
      final int bytes = Math.min(each, payload - at);
      final long data = chain.begin(OuterHeader.MAX_BYTES, 0);
      if (data == 0) {
        return CopyShed.NO_MBUF;
      }
      header.writeLater(data, bytes, hash, at, at + bytes == payload);
      chain.prepend(header.laterFragmentHeaderBytes());
      if (!chain.append(bytes)) {
        return CopyShed.NO_MBUF;
      }
    }
    return null;
  }

  private void put(long frame, int slot) {
    built.set(builtCount, frame);
    putInt(builtSlots + builtCount * 4L, slot);
    builtCount++;
  }

  private long row(int i) {
    return rows + (long) i * ROW_BYTES;
  }

  private long frame(int i) {
    return getLong(row(i));
  }

  private CopyShape shape(int i) {
    final int number = getInt(row(i) + SHAPE);
    return number == UNCHANGED ? CopyShape.UNCHANGED : shapes[number];
  }

  private int slot(int i) {
    return getInt(row(i) + SLOT);
  }

  private int hash(int i) {
    return getInt(getLong(row(i) + RECORD) + PacketRecord.FLOW_HASH);
  }

  /** The outermost tag of a copy whose leading bytes, if any, are in the chain; or none. */
  private int tag(int i) {
    if (shape(i).edits()) {
      return HeaderOffsets.outermostTag(chain.data(), chain.length());
    }
    final long frame = frame(i);
    if (Mbuf.dataLength(frame) >= TAGGED_BYTES) {
      return HeaderOffsets.outermostTag(Mbuf.data(frame), TAGGED_BYTES);
    }
    return HeaderOffsets.outermostTag(firstBytes, Mbuf.gather(frame, firstBytes, TAGGED_BYTES));
  }

  private void ask(NextHop hop) {
    final long to = chain.begin(OuterHeader.MAX_BYTES, hop.questionBytes());
    if (to != 0) {
      NativeMemory.copy(hop.question(), to, hop.questionBytes());
      hop.asked();
      put(chain.finish(), NO_SLOT);
    }
  }

  private void flush(RuleTallies tallies) {
    if (builtCount == 0) {
      return;
    }
    final int sent = queue.send(built, 0, builtCount);
    if (sent < builtCount) {
      for (int i = sent; i < builtCount; i++) {
        final int slot = getInt(builtSlots + i * 4L);
        if (slot >= 0) {
          tallies.ofSlot(slot).ringFullInstead();
        } else if (slot != NO_SLOT && i == sent) {
          tallies.ofSlot(~slot).copyShedInstead(CopyShed.FRAGMENTS_CUT);
        }
      }
      built.free(sent, builtCount - sent);
    }
    builtCount = 0;
  }

  /** Returns what it has taken from the pool. */
  @Override
  public void close() {
    allocator.close();
  }
}
