package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.Flow.UNKNOWN;

import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;
import dev.shadowplane.dataplane.analytics.Flow.RoundTrip;
import dev.shadowplane.dataplane.analytics.Flow.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a flow in machine-readable forms, in their order: the same for every flow. Holds
 * one flow at a time, as a row of values, since code that writes rows in a loop is soon compiled.
 */
final class FlowFields {
  private static final String SENT = "src_to_dst_";
  private static final String ANSWERED = "dst_to_src_";
  private static final int TCP = 6;
  private static final int MAX_FIELDS = 128;
  private static final Measures NO_MEASURES =
      new Measures(0, Spread.NONE, Spread.NONE, UNKNOWN, UNKNOWN, UNKNOWN, RoundTrip.NONE, -1, -1);
  private static final Details NO_DETAILS =
      new Details("", "", "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);

  private final List<String> names = new ArrayList<>();
  private final @Nullable Object[] values = new Object[MAX_FIELDS];
  private String prefix = "";
  private int count;

  /** Fields without a flow. */
  FlowFields() {
    final Direction none = new Direction(0, 0, 0, 0, 0, 0, null);
    set(new Flow("", 0, "", 0, 0, 0, 0, 0, none, none, EndReason.ONGOING, null));
  }

  /** Their names, in their order. */
  List<String> names() {
    return names;
  }

  /**
   * The value of the flow's field.
   *
   * @param field by its place among {@link #names}
   * @return a {@link Long}, a {@link Double}, which is finite, a {@link String}, or null when it is
   *     not known or such a flow does not have it
   */
  @Nullable Object value(int field) {
    return values[field];
  }

  /** Takes the values of a flow. */
  void set(Flow flow) {
    Arrays.fill(values, null);
    count = 0;
    put("src_ip", flow.srcIp());
    put("src_port", flow.srcPort());
    put("dst_ip", flow.dstIp());
    put("dst_port", flow.dstPort());
    put("protocol", flow.protocol());
    known("vlan", flow.vlan());
    put("first_seen_ns", flow.firstSeenNs());
    put("last_seen_ns", flow.lastSeenNs());
    sums(SENT, flow.srcToDst());
    sums(ANSWERED, flow.dstToSrc());
    put("end_reason", flow.end().text());
    measures(SENT, flow.srcToDst(), flow.protocol() == TCP);
    measures(ANSWERED, flow.dstToSrc(), flow.protocol() == TCP);
    details(flow.details() == null ? NO_DETAILS : flow.details());
  }

  private void sums(String prefix, Direction direction) {
    this.prefix = prefix;
    put("packets", direction.packets());
    put("bytes", direction.bytes());
    put("ip_bytes", direction.ipBytes());
    put("tcp_flags", direction.tcpFlags());
    known("first_seen_ns", direction.packets() == 0 ? UNKNOWN : direction.firstSeenNs());
    known("last_seen_ns", direction.packets() == 0 ? UNKNOWN : direction.lastSeenNs());
    this.prefix = "";
  }

  private void measures(String prefix, Direction direction, boolean tcp) {
    final Measures measures = direction.measures() == null ? NO_MEASURES : direction.measures();
    this.prefix = prefix;
    put("measured_packets", measures.packets());
    spread(measures.sizeBytes(), "size_mean", "size_stddev", "size_min", "size_max");
    spread(measures.gapNs(), "gap_ns_mean", "gap_ns_stddev", "gap_ns_min", "gap_ns_max");
    known("retransmissions", tcp ? measures.retransmissions() : UNKNOWN);
    known("out_of_order", tcp ? measures.outOfOrder() : UNKNOWN);
    known("zero_windows", tcp ? measures.zeroWindows() : UNKNOWN);
    final RoundTrip roundTrip = measures.roundTrip();
    final boolean timed = roundTrip.samples() > 0;
    known("rtt_samples", tcp && measures.packets() > 0 ? roundTrip.samples() : UNKNOWN);
    known("rtt_ns_mean", timed ? roundTrip.meanNs() : Double.NaN);
    known("rtt_ns_min", timed ? roundTrip.minNs() : UNKNOWN);
    known("rtt_ns_max", timed ? roundTrip.maxNs() : UNKNOWN);
    known("hop_limit_min", measures.minHopLimit());
    known("hop_limit_max", measures.maxHopLimit());
    this.prefix = "";
  }

  private void spread(Spread values, String mean, String deviation, String min, String max) {
    final boolean any = values.count() > 0;
    known(mean, any ? values.mean() : Double.NaN);
    known(deviation, any ? values.standardDeviation() : Double.NaN);
    known(min, any ? values.min() : UNKNOWN);
    known(max, any ? values.max() : UNKNOWN);
  }

  private void details(Details details) {
    known("handshake_server_rtt_ns", details.serverRttNs());
    known("handshake_client_rtt_ns", details.clientRttNs());
    known("src_mac", details.srcMac());
    known("dst_mac", details.dstMac());
    known("tunnel", details.tunnel());
    known("vni", details.vni());
    known("rule", details.rule());
  }

  private void put(String name, long value) {
    put(name, (Long) value);
  }

  private void known(String name, long value) {
    put(name, value == UNKNOWN ? null : (Long) value);
  }

  private void known(String name, double value) {
    put(name, Double.isFinite(value) ? (Double) value : null);
  }

  private void known(String name, String value) {
    put(name, value.isEmpty() ? null : value);
  }

  private void put(String name, @Nullable Object value) {
    if (count == names.size()) {
      names.add(prefix + name);
    }
    values[count++] = value;
  }
}
