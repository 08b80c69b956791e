package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;

/** The directions of a flow as flows of their own, for collectors that know no other. */
final class Uniflows {
  private static final Direction NOTHING = new Direction(0, 0, 0, 0, 0, 0, null);

  private Uniflows() {}

  /** What the initiator sent. */
  static Flow forward(Flow flow) {
    return new Flow(
        flow.srcIp(),
        flow.srcPort(),
        flow.dstIp(),
        flow.dstPort(),
        flow.protocol(),
        flow.vlan(),
        flow.srcToDst().firstSeenNs(),
        flow.srcToDst().lastSeenNs(),
        flow.srcToDst(),
        NOTHING,
        flow.end(),
        flow.details());
  }

  /** What the other side sent. */
  static Flow reverse(Flow flow) {
    final Details details = flow.details();
    return new Flow(
        flow.dstIp(),
        flow.dstPort(),
        flow.srcIp(),
        flow.srcPort(),
        flow.protocol(),
        flow.vlan(),
        flow.dstToSrc().firstSeenNs(),
        flow.dstToSrc().lastSeenNs(),
        flow.dstToSrc(),
        NOTHING,
        flow.end(),
        details == null
            ? null
            : new Details(
                details.dstMac(),
                details.srcMac(),
                details.tunnel(),
                details.vni(),
                details.rule(),
                details.serverRttNs(),
                details.clientRttNs()));
  }
}
