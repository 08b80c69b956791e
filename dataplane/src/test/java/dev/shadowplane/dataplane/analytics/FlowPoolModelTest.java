package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A pool against a map of plain objects, under random traffic. */
final class FlowPoolModelTest {
  private static final long IDLE_NS = 1_000_000_000;
  private static final long ACTIVE_NS = 5_000_000_000L;
  private static final int PACKETS = 300_000;

  /** A flow's endpoints with the lower first, so that both directions are equal. */
  private record Key(int low, int lowPort, int high, int highPort, int protocol, int vlan) {
    static Key of(int from, int fromPort, int to, int toPort, int protocol, int vlan) {
      return from < to || (from == to && fromPort < toPort)
          ? new Key(from, fromPort, to, toPort, protocol, vlan)
          : new Key(to, toPort, from, fromPort, protocol, vlan);
    }
  }

  private static final class Model {
    private final Map<Key, Entry> flows = new HashMap<>();
    private final List<Flow> ended = new ArrayList<>();

    private static final class Entry {
      int source;
      int sourcePort;
      int destination;
      int destinationPort;
      long lastNs;
      final long[][] counts = new long[2][6];

      void reset() {
        for (long[] direction : counts) {
          Arrays.fill(direction, 0);
        }
      }

      long firstNs() {
        final long first = counts[0][0] == 0 ? Long.MAX_VALUE : counts[0][4];
        return counts[1][0] == 0 ? first : Math.min(first, counts[1][4]);
      }
    }

    void take(Key key, int from, int fromPort, int to, int toPort, long[] packet) {
      final long timeNs = packet[0];
      final int tcpFlags = key.protocol == 6 ? (int) packet[3] : 0;
      Entry entry = flows.get(key);
      if (entry != null && timeNs - entry.lastNs >= IDLE_NS) {
        final boolean active = entry.firstNs() + ACTIVE_NS <= entry.lastNs + IDLE_NS;
        end(key, entry, active ? EndReason.ACTIVE : EndReason.IDLE);
        entry = null;
      } else if (entry != null && timeNs - entry.firstNs() >= ACTIVE_NS) {
        end(key, entry, EndReason.ACTIVE);
        entry.reset();
      }
      if (entry == null) {
        entry = new Entry();
        final boolean answer = key.protocol == 6 && (tcpFlags & 0x12) == 0x12;
        entry.source = answer ? to : from;
        entry.sourcePort = answer ? toPort : fromPort;
        entry.destination = answer ? from : to;
        entry.destinationPort = answer ? fromPort : toPort;
        flows.put(key, entry);
      }
      entry.lastNs = timeNs;
      final boolean forward = entry.source == from && entry.sourcePort == fromPort;
      final long[] counts = entry.counts[forward ? 0 : 1];
      counts[4] = counts[0] == 0 ? timeNs : counts[4];
      counts[5] = timeNs;
      counts[0]++;
      counts[1] += packet[1];
      counts[2] += packet[2];
      counts[3] |= tcpFlags;
    }

    void end(Key key, Entry entry, EndReason reason) {
      if (entry.firstNs() != Long.MAX_VALUE) {
        ended.add(
            new Flow(
                IpText.ipv4(entry.source),
                entry.sourcePort,
                IpText.ipv4(entry.destination),
                entry.destinationPort,
                key.protocol,
                key.vlan == 0 ? Flow.NO_VLAN : key.vlan,
                entry.firstNs(),
                Math.max(entry.counts[0][5], entry.counts[1][5]),
                direction(entry.counts[0]),
                direction(entry.counts[1]),
                reason,
                null));
      }
    }

    private static Flow.Direction direction(long[] counts) {
      return new Flow.Direction(
          counts[0], counts[1], counts[2], (int) counts[3], counts[4], counts[5], null);
    }

    void endAll(long nowNs) {
      flows.forEach((key, entry) -> {
        final boolean idle = nowNs - entry.lastNs >= IDLE_NS;
        final boolean active = entry.firstNs() + ACTIVE_NS <= entry.lastNs + IDLE_NS;
        end(
            key,
            entry,
            !idle ? EndReason.END_OF_INPUT : active ? EndReason.ACTIVE : EndReason.IDLE);
      });
    }
  }

  @Test
  void agreesWithoutSweeps() {
    run(System.nanoTime(), 0);
  }

  @Test
  void agreesWithSweeps() {
    run(System.nanoTime(), 64);
  }

  private static void run(long seed, int sweepSlots) {
    final Random random = new Random(seed);
    final Model model = new Model();
    final List<Flow> ended = new ArrayList<>();
    final FlowSink sink = (flow, reason) -> ended.add(flow.flow(reason));
    long nowNs = 1_000_000;
    int swept = 0;
    try (Records records = new Records()) {
      final ExtensionPool extensions = new ExtensionPool(1);
      final FlowPool pool =
          new FlowPool(
              false,
              new FlowTableConfig(1 << 16, IDLE_NS, ACTIVE_NS),
              extensions,
              sink,
              FlowChangeSink.NONE);
      for (int i = 0; i < PACKETS; i++) {
        nowNs += 1_000_000L * (random.nextInt(200) == 0 ? random.nextInt(800) : random.nextInt(3));
        packet(random, model, records, pool, nowNs);
        if (sweepSlots > 0 && i % 32 == 0) {
          swept = pool.sweep(swept, sweepSlots, nowNs) == 0 ? 0 : swept + sweepSlots;
        }
      }
      if (sweepSlots == 0) {
        // What nobody swept is past its timeouts all the same.
        nowNs += IDLE_NS;
      } else {
        nowNs += 10 * ACTIVE_NS;
      }
      pool.sweep(0, 1 << 16, nowNs);
      assertThat(pool.size()).as("seed %d", seed).isZero();
      assertThat(pool.evictions()).isZero();
      pool.close();
      extensions.close();
    }
    model.endAll(nowNs);
    final Map<Flow, Integer> difference = counted(ended);
    model.ended.forEach(flow -> difference.merge(flow, -1, Integer::sum));
    difference.values().removeIf(count -> count == 0);
    assertThat(difference).as("seed %d", seed).isEmpty();
    assertThat(ended).hasSizeGreaterThan(1000);
  }

  private static Map<Flow, Integer> counted(List<Flow> flows) {
    final Map<Flow, Integer> counts = new HashMap<>();
    flows.forEach(flow -> counts.merge(flow, 1, Integer::sum));
    return counts;
  }

  private static void packet(
      Random random, Model model, Records records, FlowPool pool, long nowNs) {
    final int hosts = 1 + random.nextInt(40);
    final int from = 0x0a0000 + random.nextInt(hosts);
    final int to = 0x0a0000 + random.nextInt(hosts);
    final int fromPort = 1 + random.nextInt(3);
    final int toPort = 1 + random.nextInt(3);
    final int protocol = random.nextBoolean() ? 6 : 17;
    final int vlan = random.nextInt(3);
    // Neither FIN nor RST: reopened connections have a test of their own.
    final long[] packet = {
      nowNs, 60 + random.nextInt(1500), 46 + random.nextInt(1500), random.nextInt(256) & 0xfa
    };
    final long record = records.blank();
    NativeMemory.putByte(record + PacketRecord.KIND, PacketRecord.KIND_IPV4);
    NativeMemory.putByte(record + PacketRecord.PROTOCOL, protocol);
    NativeMemory.putByte(record + PacketRecord.TCP_FLAGS, protocol == 6 ? (int) packet[3] : 0);
    NativeMemory.putByte(record + PacketRecord.FLAGS, vlan == 0 ? 0 : PacketRecord.FLAG_VLAN);
    NativeMemory.putShort(record + PacketRecord.VLAN_TCI, PacketRecord.number(vlan));
    NativeMemory.putInt(record + PacketRecord.FRAME_LENGTH, (int) packet[1]);
    NativeMemory.putShort(record + PacketRecord.IP_LENGTH, PacketRecord.number((int) packet[2]));
    NativeMemory.putInt(record + PacketRecord.SOURCE_ADDRESS, from);
    NativeMemory.putInt(record + PacketRecord.DESTINATION_ADDRESS_IPV4, to);
    NativeMemory.putShort(record + PacketRecord.SOURCE_PORT, PacketRecord.number(fromPort));
    NativeMemory.putShort(record + PacketRecord.DESTINATION_PORT, PacketRecord.number(toPort));
    final Key key = Key.of(from, fromPort, to, toPort, protocol, vlan);
    // A poor hash on purpose: many flows share one, so keys have to be compared.
    final int hash = ((from + to) ^ (fromPort + toPort) << 20) * 0x9E3779B1;
    pool.update(record, nowNs, Records.tail(record), hash, 0);
    model.take(key, from, fromPort, to, toPort, packet);
  }
}
