package dev.shadowplane.dataplane.analytics.aggregate;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.FlowChangeSink;
import dev.shadowplane.dataplane.analytics.FlowView;
import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sums of every {@link AggregateKind}, kept from the changes of flows and never from packets. A
 * change counts in the minute in which the flow table tells of it.
 *
 * <p>The sums of {@link #KEYS} keys of each kind are exact; what comes of further ones is summed up
 * together, and frequent-items sketches hold the heaviest of it. Memory is bounded whatever comes,
 * and follows the keys that there are: at most about 13 MB for each kind, and 32 MB for distinct
 * counts.
 *
 * <p>{@link #onChange} and {@link #advance} are for the thread of the flow table; {@link #ask} is
 * for any.
 */
public final class Aggregates implements FlowChangeSink, AutoCloseable {
  /** Keys of a kind with exact sums. */
  public static final int KEYS = AggregateTable.CAPACITY;

  /** The most prefixes of subnets. */
  public static final int MAX_SUBNETS = 4_096;

  /** Questions that may wait at once. */
  public static final int MAX_WAITING = 64;

  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int ROOM_CHECKS = 16;
  private static final int IPV4 = 4;

  private final AggregateTable.Budget budget = new AggregateTable.Budget();
  private final AggregateTable total = new AggregateTable(AggregateKind.TOTAL, budget);
  private final AggregateTable hosts = new AggregateTable(AggregateKind.HOST, budget);
  private final AggregateTable pairs = new AggregateTable(AggregateKind.PAIR, budget);
  private final AggregateTable vmPairs = new AggregateTable(AggregateKind.VM_PAIR, budget);
  private final AggregateTable subnets = new AggregateTable(AggregateKind.SUBNET, budget);
  private final AggregateTable networks = new AggregateTable(AggregateKind.NETWORK, budget);
  private final AggregateTable rules = new AggregateTable(AggregateKind.RULE, budget);
  private final AggregateTable ports = new AggregateTable(AggregateKind.PORT, budget);
  private final AggregateTable[] tables = {
    total, hosts, pairs, vmPairs, subnets, networks, rules, ports
  };
  private final Distincts distincts = new Distincts();
  private final SubnetMap subnetMap;
  private final KeyHash hash = new KeyHash();
  private final AggregateKey key = new AggregateKey();
  private final ManyToOneConcurrentArrayQueue<AggregateQuery> waiting =
      new ManyToOneConcurrentArrayQueue<>(MAX_WAITING);

  private LongUnaryOperator ruleKeys = LongUnaryOperator.identity();
  private @Nullable AggregateQuery current;
  private volatile boolean closed;
  private long nowNs;
  private long firstNs;
  private long minute;
  private long second;
  private boolean begun;

  // The change being counted.
  private long sentPackets;
  private long sentBytes;
  private long receivedPackets;
  private long receivedBytes;
  private int starts;
  private int more;
  private long sourceHash;
  private long destinationHash;
  private long pairHash;

  /**
   * Sums of nothing.
   *
   * @param prefixes the subnets to sum up, at most {@link #MAX_SUBNETS}; of several around an
   *     address the longest; none for every /24 of IPv4 and every /64 of IPv6
   */
  public Aggregates(List<IpPrefix> prefixes) {
    if (prefixes.size() > MAX_SUBNETS) {
      throw new IllegalArgumentException(
          "at most " + MAX_SUBNETS + " subnets are summed up, not " + prefixes.size());
    }
    subnetMap = new SubnetMap(prefixes);
  }

  /**
   * Sums rules up under other numbers than records have, which are given to other rules as rules
   * come and go. Before the first change.
   *
   * @param keys the number to sum up under; of a negative one the same
   */
  public void ruleKeys(LongUnaryOperator keys) {
    ruleKeys = keys;
  }

  /**
   * The largest sums of a kind.
   *
   * @param question which
   * @return completes on another thread than that of the flow table; with {@link
   *     IllegalStateException} when {@link #MAX_WAITING} questions wait already, or when closed
   */
  public CompletableFuture<AggregateReport> ask(AggregateQuestion question) {
    final AggregateQuery query = new AggregateQuery(question);
    if (closed) {
      query.fail(closedError());
    } else if (!waiting.offer(query)) {
      query.fail(
          new IllegalStateException(
              MAX_WAITING + " questions about sums wait already: ask again later"));
    } else if (closed) {
      // It closed in between, and may have emptied the queue before this was in it.
      refuseWaiting();
    }
    return query.report();
  }

  @Override
  public void onChange(
      FlowView flow, long packets, long bytes, long answerPackets, long answerBytes, int state) {
    sentPackets = packets;
    sentBytes = bytes;
    receivedPackets = answerPackets;
    receivedBytes = answerBytes;
    starts = state & BEGUN;
    more = starts - (state & ENDED) / ENDED;
    final boolean known = flow.mac(0) != Flow.UNKNOWN;
    final long network = KeyText.network(flow.vlan(), known, flow.vni());
    forth(total, 0, 0, 0, 0);
    forth(networks, network, 0, 0, 0);
    forth(rules, known ? ruleKeys.applyAsLong(flow.rule()) : KeyText.UNKNOWN, 0, 0, 0);
    countVmPair(flow, known);
    final long mapped = flow.ipVersion() == IPV4 ? SubnetMap.MAPPED : 0;
    final long source = flow.addressLow(0) | mapped;
    final long destination = flow.addressLow(1) | mapped;
    countSubnets(flow, source, destination);
    final long port = KeyText.port(flow.protocol(), flow.destinationPort());
    final long portHash = forth(ports, port, 0, 0, 0);
    countHosts(flow, source, destination);
    if (packets + answerPackets > 0) {
      distincts.count(sourceHash, destinationHash, portHash, pairHash, network);
    }
  }

  @Override
  public int advance(long tableNowNs) {
    nowNs = tableNowNs;
    if (tableNowNs / SECOND_NS != second) {
      second = tableNowNs / SECOND_NS;
      budget.renew();
    }
    if (current != null) {
      current = current.advance(this) ? null : current;
      return 1;
    }
    if (roll()) {
      return 1;
    }
    int work = 0;
    for (AggregateTable table : tables) {
      work += table.makeRoom(ROOM_CHECKS);
    }
    current = waiting.poll();
    return current == null ? work : work + 1;
  }

  /**
   * Answers all questions asked so far; for input that has ended. On the thread of the flow table.
   */
  public void settle() {
    while (advance(nowNs) > 0) {
      // A minute of the sums at a time.
    }
  }

  /** Refuses all questions; on the thread of the flow table, or once that has ended. */
  @Override
  public void close() {
    closed = true;
    if (current != null) {
      current.fail(closedError());
      current = null;
    }
    refuseWaiting();
  }

  AggregateTable table(AggregateKind kind) {
    return switch (kind) {
      case TOTAL -> total;
      case HOST -> hosts;
      case PAIR -> pairs;
      case VM_PAIR -> vmPairs;
      case SUBNET -> subnets;
      case NETWORK -> networks;
      case RULE -> rules;
      case PORT -> ports;
    };
  }

  Distincts distincts() {
    return distincts;
  }

  /** Where a window of so many minutes begins. */
  long fromNs(int minutes) {
    return minutes > AggregateQuestion.MAX_MINUTES
        ? firstNs
        : Math.max(firstNs, (minute - minutes) * MINUTE_NS);
  }

  long nowNs() {
    return nowNs;
  }

  /** Begins the next minute when its time has come, one at a time however far time has jumped. */
  private boolean roll() {
    final long due = nowNs / MINUTE_NS;
    if (!begun || due < minute - 1) {
      // The clock was set back: the minute goes on under its new time.
      firstNs = begun ? Math.min(firstNs, nowNs) : nowNs;
      begun = nowNs != 0;
      minute = due;
      return false;
    }
    if (due <= minute) {
      return false;
    }
    minute = Math.max(minute, due - AggregateQuestion.EVERYTHING) + 1;
    for (AggregateTable table : tables) {
      table.roll();
    }
    distincts.roll();
    return true;
  }

  private void countHosts(FlowView flow, long source, long destination) {
    final long sourceHigh = flow.addressHigh(0);
    final long destinationHigh = flow.addressHigh(1);
    if (sourceHigh == destinationHigh && source == destination) {
      pairHash = forth(pairs, sourceHigh, source, destinationHigh, destination);
      sourceHash = within(hosts, sourceHigh, source, 0);
      destinationHash = sourceHash;
      return;
    }
    final int order = Long.compareUnsigned(sourceHigh, destinationHigh);
    if (order < 0 || (order == 0 && Long.compareUnsigned(source, destination) < 0)) {
      pairHash = forth(pairs, sourceHigh, source, destinationHigh, destination);
    } else {
      pairHash = back(pairs, destinationHigh, destination, sourceHigh, source);
    }
    sourceHash = forth(hosts, sourceHigh, source, 0, 0);
    destinationHash = back(hosts, destinationHigh, destination, 0, 0);
  }

  private void countVmPair(FlowView flow, boolean known) {
    final long source = known ? flow.mac(0) : KeyText.UNKNOWN;
    final long destination = known ? flow.mac(1) : KeyText.UNKNOWN;
    if (source <= destination) {
      forth(vmPairs, source, destination, 0, 0);
    } else {
      back(vmPairs, destination, source, 0, 0);
    }
  }

  private void countSubnets(FlowView flow, long source, long destination) {
    final int sourceLength = subnetMap.find(flow.addressHigh(0), source);
    final long sourceHigh = subnetMap.high();
    final long sourceLow = subnetMap.low();
    final int length = subnetMap.find(flow.addressHigh(1), destination);
    final long high = subnetMap.high();
    final long low = subnetMap.low();
    if (sourceLength == length && sourceHigh == high && sourceLow == low) {
      within(subnets, high, low, length);
    } else {
      forth(subnets, sourceHigh, sourceLow, sourceLength, 0);
      back(subnets, high, low, length, 0);
    }
  }

  /** Counts the change for a key on the side of the initiator; the key's hash. */
  private long forth(AggregateTable table, long first, long second, long third, long fourth) {
    set(first, second, third, fourth);
    table.count(key, sentPackets, receivedPackets, sentBytes, receivedBytes, starts, more);
    return key.hash;
  }

  /** Counts the change for a key on the other side. */
  private long back(AggregateTable table, long first, long second, long third, long fourth) {
    set(first, second, third, fourth);
    table.count(
        key,
        /* sentPackets= */ receivedPackets,
        /* receivedPackets= */ sentPackets,
        /* sentBytes= */ receivedBytes,
        /* receivedBytes= */ sentBytes,
        starts,
        more);
    return key.hash;
  }

  /** Counts the change for a key that both sides have: all that was sent was received. */
  private long within(AggregateTable table, long first, long second, long third) {
    set(first, second, third, 0);
    final long packets = sentPackets + receivedPackets;
    final long bytes = sentBytes + receivedBytes;
    table.count(key, packets, packets, bytes, bytes, starts, more);
    return key.hash;
  }

  private void set(long first, long second, long third, long fourth) {
    key.set(first, second, third, fourth, hash.of(first, second, third, fourth));
  }

  private synchronized void refuseWaiting() {
    for (AggregateQuery query = waiting.poll(); query != null; query = waiting.poll()) {
      query.fail(closedError());
    }
  }

  private static IllegalStateException closedError() {
    return new IllegalStateException("the sums of flows are closed");
  }
}
