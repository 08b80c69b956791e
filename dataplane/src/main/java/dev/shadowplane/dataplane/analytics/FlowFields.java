package dev.shadowplane.dataplane.analytics;

/** The fields of a flow in machine-readable forms, in their order. */
final class FlowFields {
  /** Receives the fields of a flow one after another. */
  interface Receiver {
    void text(String name, String value);

    void number(String name, long value);

    void none(String name);
  }

  private FlowFields() {}

  static void give(Flow flow, Receiver to) {
    to.text("src_ip", flow.srcIp());
    to.number("src_port", flow.srcPort());
    to.text("dst_ip", flow.dstIp());
    to.number("dst_port", flow.dstPort());
    to.number("protocol", flow.protocol());
    if (flow.vlan() == Flow.NO_VLAN) {
      to.none("vlan");
    } else {
      to.number("vlan", flow.vlan());
    }
    to.number("first_seen_ns", flow.firstSeenNs());
    to.number("last_seen_ns", flow.lastSeenNs());
    to.number("src_to_dst_packets", flow.srcToDst().packets());
    to.number("src_to_dst_bytes", flow.srcToDst().bytes());
    to.number("src_to_dst_ip_bytes", flow.srcToDst().ipBytes());
    to.number("dst_to_src_packets", flow.dstToSrc().packets());
    to.number("dst_to_src_bytes", flow.dstToSrc().bytes());
    to.number("dst_to_src_ip_bytes", flow.dstToSrc().ipBytes());
    to.number("src_to_dst_tcp_flags", flow.srcToDst().tcpFlags());
    to.number("dst_to_src_tcp_flags", flow.dstToSrc().tcpFlags());
    to.text("end_reason", flow.end().text());
  }
}
