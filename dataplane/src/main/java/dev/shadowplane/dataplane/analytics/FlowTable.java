package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedShort;
import static dev.shadowplane.dataplane.analytics.RawMemory.putInt;

import dev.shadowplane.dataplane.packet.PacketRecord;
import java.util.concurrent.TimeUnit;
import org.agrona.UnsafeApi;

/**
 * Bidirectional flows, off-heap, updated by packet records in constant time.
 *
 * <p>A flow's key is its addresses, ports, protocol and outer VLAN id, the same in both directions.
 * Its source is the initiator: who sent the first packet seen, or who received it when that is a
 * SYN with ACK. All fragments between two addresses are one flow with ports 0, the first ones too,
 * since only those name ports.
 *
 * <p>Entries of {@link FlowEntry#BYTES} keep their place from start to end, so growing moves none;
 * the memory of a full table is reserved at once and touched as flows come. Time is that of the
 * records. A packet that comes after its flow's timeout starts another flow whether or not the
 * {@link #sweep} has been there, so the flows do not depend on how often it runs.
 *
 * <p>Not thread-safe; allocates nothing once its index has grown.
 */
public final class FlowTable implements AutoCloseable {
  /** Entries compared when one has to make room. */
  static final int EVICTION_SLOTS = 16;

  /** Records that {@link #prefetch} takes at once. */
  static final int PREFETCH_RECORDS = 32;

  private static final int CACHED_FLOWS = 8192;
  private static final long SWEEP_ROUND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final int NONE = -1;
  private static final int TCP = 6;
  private static final int SYN = 0x02;
  private static final int SYN_ACK = 0x12;

  private final int capacity;
  private final long idleTimeoutNs;
  private final long activeTimeoutNs;
  private final FlowSink sink;
  private final FlowChangeSink changes;
  private final FlowIndex index;
  private final FlowKey key = new FlowKey();
  private final FlowView view = new FlowView();
  private final long memory;
  private final long entries;

  private final long[] prefetched = new long[PREFETCH_RECORDS];
  private int highWater;
  private int freeHead = NONE;
  private int size;
  private long evictions;
  private long ended;
  private long nowNs;
  private long sweptNs;
  private int sweepCursor;
  private int evictionCursor;
  private boolean closed;

  /**
   * An empty table that tells of no changes.
   *
   * @param config its limits
   * @param sink takes every flow that ends
   * @throws IllegalStateException when the memory cannot be reserved
   */
  public FlowTable(FlowTableConfig config, FlowSink sink) {
    this(config, sink, FlowChangeSink.NONE);
  }

  /**
   * An empty table.
   *
   * @param config its limits
   * @param sink takes every flow that ends
   * @param changes is told of flows that change, from {@link #sweep} and as they end
   * @throws IllegalStateException when the memory cannot be reserved
   */
  public FlowTable(FlowTableConfig config, FlowSink sink, FlowChangeSink changes) {
    this.changes = changes;
    capacity = config.capacity();
    idleTimeoutNs = config.idleTimeoutNs();
    activeTimeoutNs = config.activeTimeoutNs();
    this.sink = sink;
    final long bytes = (long) (capacity + 1) * FlowEntry.BYTES;
    try {
      memory = UnsafeApi.allocateMemory(bytes);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "a flow table of " + capacity + " flows needs " + bytes + " bytes: lower its capacity",
          e);
    }
    entries = (memory + FlowEntry.BYTES - 1) & -FlowEntry.BYTES;
    index = new FlowIndex(capacity);
  }

  /**
   * Counts one IP packet.
   *
   * @param record address of a {@link PacketRecord} of kind IPv4 or IPv6
   * @param timestampNs its time
   */
  public void update(long record, long timestampNs) {
    nowNs = timestampNs;
    final long upper = FlowKey.upper(record);
    final int tcpFlags = FlowKey.tcpFlags(upper);
    final int protocol = FlowKey.protocol(upper);
    final int hash = key.load(record, upper);
    int found = find(hash);
    if (found < 0) {
      found = insert(hash, isAnswer(protocol, tcpFlags));
    } else {
      final long entry = entry(found >>> 1);
      final long gapNs = Math.abs(timestampNs - FlowEntry.lastNs(entry));
      final boolean reopened =
          protocol == TCP && (tcpFlags & SYN_ACK) == SYN && FlowEntry.isClosed(entry);
      if (gapNs >= idleTimeoutNs || reopened) {
        end(entry, reopened && gapNs < idleTimeoutNs ? EndReason.CLOSED : overdue(entry));
        found = (found & -2) | start(entry, hash, isAnswer(protocol, tcpFlags));
      } else if (timestampNs - FlowEntry.startNs(entry) >= activeTimeoutNs) {
        end(entry, EndReason.ACTIVE);
        FlowEntry.reset(entry);
      }
    }
    FlowEntry.count(
        entry(found >>> 1),
        found & 1,
        timestampNs,
        PacketRecord.frameLength(getInt(record), getInt(record + PacketRecord.FRAME_LENGTH)),
        PacketRecord.number(getUnsignedShort(record + PacketRecord.IP_LENGTH)),
        tcpFlags);
  }

  /**
   * Begins to load what {@link #update} will read for these records, all of them at once where one
   * after the other would wait for memory each time. For a small table that is not worth it.
   *
   * @param records their addresses, at most {@link #PREFETCH_RECORDS}
   * @param count how many
   */
  void prefetch(long[] records, int count) {
    if (size < CACHED_FLOWS) {
      return;
    }
    for (int i = 0; i < count; i++) {
      final int hash = FlowKey.hash(records[i], FlowKey.upper(records[i]));
      prefetched[i] = FlowIndex.slot(index.segment(hash), hash);
    }
    long sum = 0;
    for (int i = 0; i < count; i++) {
      final long entry = entry(Math.max(0, (int) prefetched[i] - 1));
      sum += getLong(entry) ^ getLong(entry + FlowEntry.PACKETS);
    }
    // Stored, so that the compiler does not find the loads to be useless.
    prefetched[0] = sum;
  }

  /**
   * Moves the table's time when no record does.
   *
   * @param timestampNs the time
   */
  public void advance(long timestampNs) {
    nowNs = timestampNs;
  }

  /**
   * Ends flows whose timeouts have passed. Looks at as many entries as a round of the whole table
   * in a second of the records' time asks for, and never at more than allowed.
   *
   * @param maxSlots entries to look at, at most
   * @return entries looked at
   */
  public int sweep(int maxSlots) {
    final long elapsedNs = nowNs - sweptNs;
    if (elapsedNs <= 0 || elapsedNs >= SWEEP_ROUND_NS) {
      if (elapsedNs == 0) {
        return 0;
      }
      // The clock jumped or this is behind: a full share, and pacing starts over.
      sweptNs = nowNs;
      return sweepSlots(Math.min(highWater, maxSlots));
    }
    final int due = (int) (highWater * (double) elapsedNs / SWEEP_ROUND_NS);
    if (due == 0) {
      return 0;
    }
    sweptNs = nowNs;
    return sweepSlots(Math.min(due, maxSlots));
  }

  /**
   * Ends every flow.
   *
   * @param reason the reason of all but closed connections
   */
  public void endAll(EndReason reason) {
    for (int i = 0; i < highWater; i++) {
      final long entry = entry(i);
      if (!FlowEntry.isFree(entry)) {
        end(entry, FlowEntry.isClosed(entry) ? EndReason.CLOSED : reason);
        remove(i, entry);
      }
    }
  }

  /**
   * Visits flows in place, some entries a call, so that a walk of the whole never takes long. Flows
   * that come or go between calls may be missed or, ended and new again, seen twice.
   *
   * @param from 0, then what the call before returned
   * @param maxSlots entries to look at, at most
   * @param visitor sees those that have packets
   * @return where to go on, or -1 at the end
   */
  int visit(int from, int maxSlots, FlowVisitor visitor) {
    final int to = (int) Math.min(highWater, (long) from + maxSlots);
    for (int i = from; i < to; i++) {
      final long entry = entry(i);
      if (!FlowEntry.isFree(entry) && FlowEntry.hasPackets(entry)) {
        visitor.visit(view.wrap(entry));
      }
    }
    return to >= highWater ? -1 : to;
  }

  /**
   * Flows held, among them those that only await the rest of a connection after a cut.
   *
   * @return 0 to {@link #capacity}
   */
  public int size() {
    return size;
  }

  /**
   * The most flows it holds.
   *
   * @return its capacity
   */
  public int capacity() {
    return capacity;
  }

  /**
   * Flows evicted because the table was full.
   *
   * @return how many so far
   */
  public long evictions() {
    return evictions;
  }

  /**
   * Flows handed to the sink for whatever reason.
   *
   * @return how many so far
   */
  public long ended() {
    return ended;
  }

  /**
   * Time of the newest record taken.
   *
   * @return ns since 1970
   */
  public long nowNs() {
    return nowNs;
  }

  /** Frees the memory; what it held is lost, see {@link #endAll}. Later use fails. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      highWater = 0;
      index.close();
      UnsafeApi.freeMemory(memory);
    }
  }

  /** {@code entry << 1 | direction} of the flow whose key is loaded, or {@link #NONE}. */
  private int find(int hash) {
    final long segment = index.segment(hash);
    int slot = hash;
    for (long value = FlowIndex.slot(segment, slot);
        value != 0;
        value = FlowIndex.slot(segment, ++slot)) {
      if ((int) (value >>> 32) == hash) {
        final int number = (int) value - 1;
        final int direction = key.direction(entry(number));
        if (direction >= 0) {
          return number << 1 | direction;
        }
      }
    }
    return NONE;
  }

  private int insert(int hash, boolean answer) {
    int number = take();
    while (!index.add(hash, number)) {
      FlowEntry.free(entry(number), freeHead);
      freeHead = number;
      evictCrowding(hash);
      number = take();
    }
    size++;
    return number << 1 | start(entry(number), hash, answer);
  }

  /**
   * Makes an entry the flow whose key is loaded; its packet's direction, 0 when both ends agree.
   */
  private int start(long entry, int hash, boolean answer) {
    key.store(entry, answer);
    putInt(entry + FlowEntry.HASH, hash);
    FlowEntry.forget(entry);
    FlowEntry.reset(entry);
    return key.direction(entry);
  }

  private int take() {
    if (freeHead == NONE && highWater == capacity) {
      evictOldest();
    }
    if (freeHead == NONE) {
      return highWater++;
    }
    final int number = freeHead;
    freeHead = FlowEntry.nextFree(entry(number));
    return number;
  }

  /** Makes room in a full table: the next entries round the table, since all are taken. */
  private void evictOldest() {
    int oldest = evictionCursor;
    for (int i = 0; i < EVICTION_SLOTS; i++) {
      oldest = older(oldest, evictionCursor);
      evictionCursor = evictionCursor + 1 == capacity ? 0 : evictionCursor + 1;
    }
    evict(oldest);
  }

  /** Makes room in a segment of the index that cannot be split. */
  private void evictCrowding(int hash) {
    final long segment = index.segment(hash);
    int slot = index.crowding(hash, hash);
    int oldest = (int) FlowIndex.slot(segment, slot) - 1;
    for (int i = 1; i < EVICTION_SLOTS; i++) {
      slot = index.crowding(hash, slot + 1);
      oldest = older(oldest, (int) FlowIndex.slot(segment, slot) - 1);
    }
    evict(oldest);
  }

  private int older(int left, int right) {
    return FlowEntry.lastNs(entry(right)) < FlowEntry.lastNs(entry(left)) ? right : left;
  }

  private void evict(int number) {
    final long entry = entry(number);
    if (isIdle(entry)) {
      end(entry, overdue(entry));
    } else {
      evictions += FlowEntry.hasPackets(entry) ? 1 : 0;
      end(entry, EndReason.EVICTED);
    }
    remove(number, entry);
  }

  private int sweepSlots(int count) {
    for (int i = 0; i < count; i++) {
      if (sweepCursor >= highWater) {
        sweepCursor = 0;
      }
      final int number = sweepCursor++;
      final long entry = entry(number);
      if (FlowEntry.isFree(entry)) {
        continue;
      }
      if (isIdle(entry)) {
        end(entry, overdue(entry));
        remove(number, entry);
      } else if (FlowEntry.hasPackets(entry)
          && nowNs - FlowEntry.startNs(entry) >= activeTimeoutNs) {
        end(entry, EndReason.ACTIVE);
        FlowEntry.reset(entry);
      }
    }
    return count;
  }

  private boolean isIdle(long entry) {
    return Math.abs(nowNs - FlowEntry.lastNs(entry)) >= idleTimeoutNs;
  }

  /** Why a flow that is now idle ended: whichever deadline passed first. */
  private EndReason overdue(long entry) {
    if (FlowEntry.startNs(entry) + activeTimeoutNs <= FlowEntry.lastNs(entry) + idleTimeoutNs) {
      return EndReason.ACTIVE;
    }
    return FlowEntry.isClosed(entry) ? EndReason.CLOSED : EndReason.IDLE;
  }

  private void end(long entry, EndReason reason) {
    if (FlowEntry.hasPackets(entry)) {
      ended++;
      view.wrap(entry);
      changes.onChange(
          view,
          view.packets(0),
          view.bytes(0),
          view.packets(1),
          view.bytes(1),
          FlowChangeSink.BEGUN | FlowChangeSink.ENDED);
      sink.onFlow(view, reason);
    }
  }

  private void remove(int number, long entry) {
    index.remove(getInt(entry + FlowEntry.HASH), number);
    FlowEntry.free(entry, freeHead);
    freeHead = number;
    size--;
  }

  private long entry(int number) {
    return entries + (long) number * FlowEntry.BYTES;
  }

  private static boolean isAnswer(int protocol, int tcpFlags) {
    return protocol == TCP && (tcpFlags & SYN_ACK) == SYN_ACK;
  }
}
