package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dpdk.EthLink;
import dev.shadowplane.dpdk.EthStats;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.concurrent.status.AtomicCounter;

/** Publishes what drivers count, and tells of links that go down or up. The conductor's thread. */
final class PortReporter {
  private static final List<String> DRIVER_COUNTS =
      List.of(
          "driver-rx-packets",
          "driver-tx-packets",
          "driver-rx-bytes",
          "driver-tx-bytes",
          "driver-rx-missed",
          "driver-rx-errors",
          "driver-tx-errors",
          "driver-rx-no-mbuf");

  private final List<Row> rows = new ArrayList<>();
  private final Consumer<String> log;
  private final PortRevival revival;
  private final PortReattachment reattachment;

  /** A port and its counters. */
  private static final class Row {
    private final Port port;
    private final AtomicCounter up;
    private final AtomicCounter[] counts;
    private boolean wasUp = true;

    private Row(Port port, AtomicCounter up, AtomicCounter[] counts) {
      this.port = port;
      this.up = up;
      this.counts = counts;
    }
  }

  PortReporter(
      PortSet ports,
      CounterRegistry counters,
      PortRevival revival,
      PortReattachment reattachment,
      Consumer<String> log) {
    this.revival = revival;
    this.reattachment = reattachment;
    this.log = log;
    for (Port port : ports.all()) {
      final String name = port.config().name();
      rows.add(
          new Row(
              port,
              counters.counter(CounterTypes.PORT, CounterTypes.port(name, "link-up")),
              DRIVER_COUNTS.stream()
                  .map(what -> counters.counter(CounterTypes.PORT, CounterTypes.port(name, what)))
                  .toArray(AtomicCounter[]::new)));
    }
  }

  /** Goes on with what reports have begun. */
  int poll() {
    return revival.poll() + reattachment.poll();
  }

  void report() {
    for (Row row : rows) {
      final boolean present = reattachment.hasInterface(row.port);
      final EthStats stats = row.port.eth().stats();
      final long[] values = {
        stats.rxPackets(),
        stats.txPackets(),
        stats.rxBytes(),
        stats.txBytes(),
        stats.rxMissed(),
        stats.rxErrors(),
        stats.txErrors(),
        stats.rxNoMbuf()
      };
      for (int i = 0; i < values.length; i++) {
        row.counts[i].setRelease(values[i]);
      }
      final boolean up = present && row.port.isLinkUp() && (row.wasUp || isAlive(row.port));
      row.up.setRelease(up ? 1 : 0);
      if (up != row.wasUp) {
        row.wasUp = up;
        log.accept("port " + row.port.config().name() + ": link " + (up ? "up" : "down"));
      }
    }
  }

  /** Whether a link that has come back carries frames again; one that does not is revived first. */
  private boolean isAlive(Port port) {
    if (!port.eth().losesResets() || revival.hasRevived(port)) {
      return true;
    }
    revival.begin(port);
    return false;
  }

  /** All ports, as control is told. */
  Map<String, Object> describe() {
    final List<Map<String, Object>> all = new ArrayList<>();
    for (Row row : rows) {
      final EthLink link = row.port.eth().link();
      final Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", row.port.config().name());
      one.put("device", row.port.config().device());
      one.put("driver", row.port.eth().info().driver());
      one.put("mac", HexFormat.ofDelimiter(":").formatHex(row.port.eth().mac()));
      one.put("mtu", row.port.eth().mtu());
      one.put("link-up", row.wasUp);
      one.put("speed-mbps", link.speedMbps());
      one.put("promiscuous", row.port.promiscuous());
      one.put("rx-descriptors", row.port.config().rxDescriptors());
      one.put("tx-descriptors", row.port.config().txDescriptors());
      all.add(one);
    }
    return Map.of("ports", all);
  }
}
