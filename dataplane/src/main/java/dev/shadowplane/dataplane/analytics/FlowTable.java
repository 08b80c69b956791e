package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getDouble;
import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.PacketRecord;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;

/**
 * Bidirectional flows, off-heap, updated by packet records in constant time.
 *
 * <p>A flow's key is its addresses, ports, protocol and outer VLAN id, the same in both directions.
 * Its source is the initiator: who sent the first packet seen, or who received it when that is a
 * SYN with ACK. Fragments belong to the flow whose ports the first one of their datagram names, see
 * {@link Fragments}; when that is not seen, to one with ports 0.
 *
 * <p>Time is that of the records. A packet that comes after its flow's timeout starts another flow
 * whether or not the {@link #sweep} has been there, so the flows do not depend on how often it
 * runs. A flow is cut, as by the active timeout, also before one of its counters could wrap: at
 * 2^31 packets or 2^47 bytes of a direction.
 *
 * <p>The first full record of a flow gives it an extension for its statistics, as long as there is
 * one; flows that find none are {@link #unmeasured} and go on without.
 *
 * <p>Not thread-safe; allocates nothing once its index has grown.
 */
public final class FlowTable implements AutoCloseable {
  /** Records that {@link #update(long[], long[], int)} takes at once. */
  static final int BATCH = 4 * FlowHash.BATCH;

  private static final int PART_SHIFT = Integer.numberOfTrailingZeros(FlowHash.BATCH);
  private static final int CACHED_FLOWS = 8192;
  private static final int WORTH_A_BATCH = 6;
  private static final int VLAN_HASH = 0x9E3779B1;
  private static final int IPV6_POSITIONS = 1 << 30;
  private static final int LINE_BYTES = 64;
  private static final long SWEEP_ROUND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final int FRAGMENT =
      PacketRecord.FLAG_FIRST_FRAGMENT | PacketRecord.FLAG_LATER_FRAGMENT;

  private final int capacity;
  private final FlowHash hash;
  private final ExtensionPool extensions;
  private final FlowPool ipv4;
  private final FlowPool ipv6;
  private final Fragments fragments;

  private final long[] records = new long[BATCH];
  private final long[] times = new long[BATCH];
  private final long[] tails = new long[BATCH];
  private final long[][] keys = new long[BATCH / FlowHash.BATCH][2 * FlowHash.BATCH];
  private final int[] hashes = new int[BATCH];
  private final int[] candidates = new int[BATCH];
  private final long[] addresses = new long[BATCH];
  private final long[] roundTrips = new long[BATCH];
  double loaded;
  private long nowNs;
  private long sweptNs;
  private boolean sweepsIpv6;
  private int sweepCursor;
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
    capacity = config.capacity();
    // A key of its own: what the workers' hash is told by, such as sampling, tells nothing here.
    final byte[] hashKey = new byte[FlowHash.KEY_BYTES];
    new SecureRandom().nextBytes(hashKey);
    hash = new FlowHash(hashKey);
    extensions = new ExtensionPool(capacity);
    ipv4 = new FlowPool(false, config, extensions, sink, changes);
    ipv6 = new FlowPool(true, config, extensions, sink, changes);
    // Given out later, it would be taken for one of a flow that has been idle.
    final long holdNs = Math.min(Fragments.KNOWN_NS, config.idleTimeoutNs() / 2);
    fragments = new Fragments(hash, holdNs, this::count);
  }

  /**
   * Counts one IP packet.
   *
   * @param record address of a {@link PacketRecord} of kind IPv4 or IPv6
   * @param timestampNs its time
   */
  public void update(long record, long timestampNs) {
    nowNs = timestampNs;
    final long tail = tail(record, timestampNs);
    if (tail != 0) {
      count(record, timestampNs, tail);
    }
  }

  /**
   * Counts IP packets, faster than one by one, since what is read for all of them is waited for at
   * once.
   *
   * @param records addresses of {@link PacketRecord}s of kind IPv4 or IPv6
   * @param timestampsNs their times
   * @param count how many, at most {@link #BATCH}
   */
  void update(long[] records, long[] timestampsNs, int count) {
    int taken = 0;
    for (int i = 0; i < count; i++) {
      final long tail = tail(records[i], timestampsNs[i]);
      if (tail != 0) {
        this.records[taken] = records[i];
        times[taken] = timestampsNs[i];
        tails[taken] = tail;
        final long[] part = keys[taken >>> PART_SHIFT];
        final int at = taken & FlowHash.BATCH - 1;
        part[at] = getLong(records[i] + PacketRecord.SOURCE_ADDRESS);
        part[at + FlowHash.BATCH] =
            FlowKey.protocol(tail) | Integer.toUnsignedLong(FlowKey.ports(tail)) << Byte.SIZE;
        taken++;
      }
    }
    hash(taken);
    find(taken);
    for (int i = 0; i < taken; i++) {
      pool(tails[i]).update(this.records[i], times[i], tails[i], hashes[i], candidates[i]);
    }
    if (count > 0) {
      nowNs = timestampsNs[count - 1];
    }
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
   * Ends flows whose timeouts have passed, and tells of those that changed. Looks at as many
   * entries as a round of the whole table in a second of the records' time asks for, and never at
   * more than allowed; the rest is for the next calls, and a round takes longer when they are too
   * few.
   *
   * @param maxSlots entries to look at, at most
   * @return entries looked at
   */
  public int sweep(int maxSlots) {
    fragments.expire(nowNs);
    final long elapsedNs = nowNs - sweptNs;
    if (elapsedNs == 0) {
      return 0;
    }
    final long used = (long) ipv4.highWater() + ipv6.highWater();
    // When the clock jumped or this is behind, a full share, and pacing starts over.
    final boolean paced = elapsedNs > 0 && elapsedNs < SWEEP_ROUND_NS;
    final long due = paced ? (long) (used * (double) elapsedNs / SWEEP_ROUND_NS) : used;
    if (due == 0 && paced) {
      return 0;
    }
    final int slots = (int) Math.min(due, maxSlots);
    // What is not allowed at once is still due at the next call.
    sweptNs = paced ? sweptNs + (long) (elapsedNs * (double) slots / due) : nowNs;
    int swept = 0;
    // Thrice: the rest of one pool, the other, and what of the first was left before.
    for (int i = 0; i < 3 && swept < slots; i++) {
      final FlowPool pool = sweepsIpv6 ? ipv6 : ipv4;
      final int looked = pool.sweep(sweepCursor, slots - swept, nowNs);
      swept += looked;
      sweepCursor += looked;
      if (sweepCursor >= pool.highWater()) {
        sweepCursor = 0;
        sweepsIpv6 = !sweepsIpv6;
      }
    }
    return swept;
  }

  /**
   * Ends every flow.
   *
   * @param reason the reason of all but closed connections
   */
  public void endAll(EndReason reason) {
    fragments.giveOutAll();
    ipv4.endAll(reason);
    ipv6.endAll(reason);
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
    final boolean visitsIpv6 = from >= IPV6_POSITIONS;
    final FlowPool pool = visitsIpv6 ? ipv6 : ipv4;
    final int first = visitsIpv6 ? from - IPV6_POSITIONS : from;
    final int to = (int) Math.min(pool.highWater(), (long) first + maxSlots);
    pool.visit(first, to, visitor);
    if (to < pool.highWater()) {
      return visitsIpv6 ? to + IPV6_POSITIONS : to;
    }
    return visitsIpv6 || ipv6.highWater() == 0 ? -1 : IPV6_POSITIONS;
  }

  /**
   * Flows held, among them those that only await the rest of a connection after a cut.
   *
   * @return 0 to twice {@link #capacity}
   */
  public int size() {
    return ipv4.size() + ipv6.size();
  }

  /**
   * The most flows it holds of each IP version, and the most that are measured of both.
   *
   * @return its capacity
   */
  public int capacity() {
    return capacity;
  }

  /**
   * How full it is, of the IP version that has more flows.
   *
   * @return percent, 0 to 100
   */
  public int loadPercent() {
    return (int) (Math.max(ipv4.size(), ipv6.size()) * 100L / capacity);
  }

  /**
   * Flows that have an extension for their statistics.
   *
   * @return 0 to {@link #capacity}
   */
  public int measured() {
    return extensions.used();
  }

  /**
   * Flows whose full records found no extension left.
   *
   * @return how many so far
   */
  public long unmeasured() {
    return extensions.unmeasured();
  }

  /**
   * Flows evicted because the table was full.
   *
   * @return how many so far
   */
  public long evictions() {
    return ipv4.evictions() + ipv6.evictions();
  }

  /**
   * Flows handed to the sink for whatever reason.
   *
   * @return how many so far
   */
  public long ended() {
    return ipv4.ended() + ipv6.ended();
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
      ipv4.close();
      ipv6.close();
      extensions.close();
      fragments.close();
    }
  }

  /** The tail of a record's key with the ports of its flow, 0 when it is held for them. */
  private long tail(long record, long timestampNs) {
    final long head = getLong(record);
    final long upper = getLong(record + PacketRecord.IP_LENGTH);
    final int flags = (int) head >>> Byte.SIZE & 0xff;
    final long tail = FlowKey.tail(head, upper, getInt(record + PacketRecord.SOURCE_PORT));
    if ((flags & FRAGMENT) == 0) {
      return tail;
    }
    if ((flags & PacketRecord.FLAG_FIRST_FRAGMENT) == 0) {
      return fragments.resolve(record, timestampNs, FlowKey.withPorts(tail, 0));
    }
    fragments.learn(record, timestampNs, tail);
    return tail;
  }

  private void count(long record, long timestampNs, long tail) {
    final FlowPool pool = pool(tail);
    final int hash = hash(record, tail);
    pool.update(record, timestampNs, tail, hash, pool.candidate(hash));
  }

  private FlowPool pool(long tail) {
    return FlowKey.kind(tail) == PacketRecord.KIND_IPV6 ? ipv6 : ipv4;
  }

  /** Hashes the records of a batch, whose keys are where {@link FlowHash} wants them. */
  private void hash(int count) {
    for (int first = 0; first < count; first += FlowHash.BATCH) {
      final int end = Math.min(count, first + FlowHash.BATCH);
      final boolean together = end - first >= WORTH_A_BATCH;
      final long[] part = keys[first / FlowHash.BATCH];
      if (together) {
        hash.ofIpv4(part);
      }
      for (int i = first; i < end; i++) {
        final long tail = tails[i];
        hashes[i] =
            together && FlowKey.kind(tail) != PacketRecord.KIND_IPV6
                ? (int) part[i - first + FlowHash.BATCH] ^ FlowKey.vlan(tail) * VLAN_HASH
                : hash(records[i], tail);
      }
    }
  }

  private int hash(long record, long tail) {
    final long addresses = getLong(record + PacketRecord.SOURCE_ADDRESS);
    final int ports = FlowKey.ports(tail);
    final int protocol = FlowKey.protocol(tail);
    final int unaware =
        FlowKey.kind(tail) != PacketRecord.KIND_IPV6
            ? hash.ofIpv4(addresses, ports, protocol)
            : hash.ofIpv6(
                addresses,
                getLong(record + PacketRecord.SOURCE_ADDRESS + Long.BYTES),
                getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6),
                getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6 + Long.BYTES),
                ports,
                protocol);
    return unaware ^ FlowKey.vlan(tail) * VLAN_HASH;
  }

  /**
   * Finds where the flows of a batch may be. In a large table it loads what will be read of them,
   * one kind of memory after the other and never a branch on what has not come, so that all of a
   * kind is waited for at once. How many wait at once is up to the processor's window of
   * instructions, so addresses are computed before; and all is loaded as floating point, of which
   * more can wait than of integers (on Zen 5, 8 ns an entry instead of 14).
   */
  private void find(int count) {
    final boolean cached = ipv4.size() + ipv6.size() <= CACHED_FLOWS;
    double sum = 0;
    if (!cached) {
      for (int i = 0; i < count; i++) {
        addresses[i] = pool(tails[i]).firstSlot(hashes[i]);
      }
      for (int i = 0; i < count; i++) {
        sum += getDouble(addresses[i]) + getDouble(addresses[i] + FlowIndex.LAST_TOGETHER);
      }
    }
    for (int i = 0; i < count; i++) {
      candidates[i] = pool(tails[i]).candidate(hashes[i]);
    }
    if (!cached) {
      for (int i = 0; i < count; i++) {
        addresses[i] = pool(tails[i]).entry(candidates[i]);
      }
      for (int i = 0; i < count; i++) {
        sum +=
            getDouble(addresses[i] + FlowEntry.EXTENSION)
                + getDouble(addresses[i] + LINE_BYTES)
                + getDouble(addresses[i] + FlowEntry.ADDRESSES);
      }
      sum += loadExtensions(count);
    }
    // Stored, so that the compiler does not find the loads to be useless.
    loaded = sum;
  }

  private double loadExtensions(int count) {
    int full = 0;
    for (int i = 0; i < count; i++) {
      if ((getInt(records[i]) >>> Byte.SIZE & PacketRecord.FLAG_FULL) != 0) {
        final int number = getInt(addresses[i] + FlowEntry.EXTENSION);
        final int direction =
            getInt(records[i] + PacketRecord.SOURCE_ADDRESS)
                    == getInt(addresses[i] + FlowEntry.ADDRESSES)
                ? 0
                : 1;
        if (extensions.has(number)) {
          roundTrips[full] = FlowExtension.roundTrips(extensions.address(number), 1 - direction);
          addresses[full++] = FlowExtension.hot(extensions.address(number), direction);
        }
      }
    }
    double sum = 0;
    for (int i = 0; i < full; i++) {
      sum +=
          getDouble(addresses[i])
              + getDouble(addresses[i] + LINE_BYTES)
              + getDouble(addresses[i] + FlowExtension.HOT_LAST)
              + getDouble(roundTrips[i])
              + getDouble(roundTrips[i] + FlowExtension.RTT_MAX);
    }
    return sum;
  }
}
