package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.Flow.UNKNOWN;

import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;
import dev.shadowplane.dataplane.analytics.Flow.RoundTrip;
import dev.shadowplane.dataplane.analytics.Flow.Spread;

/** The fields of a flow in machine-readable forms, in their order: the same for every flow. */
final class FlowFields {
  /** Receives the fields of a flow one after another. */
  interface Receiver {
    /** The names of the fields that follow begin with this. */
    void prefix(String prefix);

    void text(String name, String value);

    void number(String name, long value);

    void real(String name, double value);

    /** A field whose value is not known, or that such a flow does not have. */
    void none(String name);
  }

  private static final String SENT = "src_to_dst_";
  private static final String ANSWERED = "dst_to_src_";
  private static final int TCP = 6;
  private static final Measures NO_MEASURES =
      new Measures(0, Spread.NONE, Spread.NONE, UNKNOWN, UNKNOWN, UNKNOWN, RoundTrip.NONE, -1, -1);
  private static final Details NO_DETAILS =
      new Details("", "", "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);

  private FlowFields() {}

  static void give(Flow flow, Receiver to) {
    to.prefix("");
    to.text("src_ip", flow.srcIp());
    to.number("src_port", flow.srcPort());
    to.text("dst_ip", flow.dstIp());
    to.number("dst_port", flow.dstPort());
    to.number("protocol", flow.protocol());
    known("vlan", flow.vlan(), to);
    to.number("first_seen_ns", flow.firstSeenNs());
    to.number("last_seen_ns", flow.lastSeenNs());
    sums(SENT, flow.srcToDst(), to);
    sums(ANSWERED, flow.dstToSrc(), to);
    to.text("end_reason", flow.end().text());
    measures(SENT, flow.srcToDst(), flow.protocol() == TCP, to);
    measures(ANSWERED, flow.dstToSrc(), flow.protocol() == TCP, to);
    details(flow.details() == null ? NO_DETAILS : flow.details(), to);
  }

  private static void sums(String prefix, Direction direction, Receiver to) {
    to.prefix(prefix);
    to.number("packets", direction.packets());
    to.number("bytes", direction.bytes());
    to.number("ip_bytes", direction.ipBytes());
    to.number("tcp_flags", direction.tcpFlags());
    known("first_seen_ns", direction.packets() == 0 ? UNKNOWN : direction.firstSeenNs(), to);
    known("last_seen_ns", direction.packets() == 0 ? UNKNOWN : direction.lastSeenNs(), to);
    to.prefix("");
  }

  private static void measures(String prefix, Direction direction, boolean tcp, Receiver to) {
    final Measures measures = direction.measures() == null ? NO_MEASURES : direction.measures();
    to.prefix(prefix);
    to.number("measured_packets", measures.packets());
    spread(measures.sizeBytes(), "size_mean", "size_stddev", "size_min", "size_max", to);
    spread(measures.gapNs(), "gap_ns_mean", "gap_ns_stddev", "gap_ns_min", "gap_ns_max", to);
    known("retransmissions", tcp ? measures.retransmissions() : UNKNOWN, to);
    known("out_of_order", tcp ? measures.outOfOrder() : UNKNOWN, to);
    known("zero_windows", tcp ? measures.zeroWindows() : UNKNOWN, to);
    final RoundTrip roundTrip = measures.roundTrip();
    final boolean timed = roundTrip.samples() > 0;
    known("rtt_samples", tcp && measures.packets() > 0 ? roundTrip.samples() : UNKNOWN, to);
    known("rtt_ns_mean", timed ? roundTrip.meanNs() : Double.NaN, to);
    known("rtt_ns_min", timed ? roundTrip.minNs() : UNKNOWN, to);
    known("rtt_ns_max", timed ? roundTrip.maxNs() : UNKNOWN, to);
    known("hop_limit_min", measures.minHopLimit(), to);
    known("hop_limit_max", measures.maxHopLimit(), to);
    to.prefix("");
  }

  private static void spread(
      Spread values, String mean, String deviation, String min, String max, Receiver to) {
    final boolean any = values.count() > 0;
    known(mean, any ? values.mean() : Double.NaN, to);
    known(deviation, any ? values.standardDeviation() : Double.NaN, to);
    known(min, any ? values.min() : UNKNOWN, to);
    known(max, any ? values.max() : UNKNOWN, to);
  }

  private static void details(Details details, Receiver to) {
    known("handshake_server_rtt_ns", details.serverRttNs(), to);
    known("handshake_client_rtt_ns", details.clientRttNs(), to);
    known("src_mac", details.srcMac(), to);
    known("dst_mac", details.dstMac(), to);
    known("tunnel", details.tunnel(), to);
    known("vni", details.vni(), to);
    known("rule", details.rule(), to);
  }

  private static void known(String name, long value, Receiver to) {
    if (value == UNKNOWN) {
      to.none(name);
    } else {
      to.number(name, value);
    }
  }

  private static void known(String name, double value, Receiver to) {
    if (Double.isFinite(value)) {
      to.real(name, value);
    } else {
      to.none(name);
    }
  }

  private static void known(String name, String value, Receiver to) {
    if (value.isEmpty()) {
      to.none(name);
    } else {
      to.text(name, value);
    }
  }
}
