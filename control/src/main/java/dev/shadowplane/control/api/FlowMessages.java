package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.FlowDetails;
import dev.shadowplane.control.v1.FlowDirection;
import dev.shadowplane.control.v1.FlowMeasures;
import dev.shadowplane.control.v1.RoundTrip;
import dev.shadowplane.control.v1.Spread;
import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;

/** Flows as messages of the contract, and back. */
public final class FlowMessages {
  private static final long UNKNOWN = dev.shadowplane.dataplane.analytics.Flow.UNKNOWN;

  private FlowMessages() {}

  /**
   * A flow as a message.
   *
   * @param flow the flow.
   * @param rules what its rule is called.
   * @return the message.
   */
  static Flow message(final dev.shadowplane.dataplane.analytics.Flow flow, final RuleNames rules) {
    final Flow.Builder message =
        Flow.newBuilder()
            .setSrcIp(flow.srcIp())
            .setSrcPort(flow.srcPort())
            .setDstIp(flow.dstIp())
            .setDstPort(flow.dstPort())
            .setProtocol(flow.protocol())
            .setFirstSeenNs(flow.firstSeenNs())
            .setLastSeenNs(flow.lastSeenNs())
            .setSrcToDst(message(flow.srcToDst()))
            .setDstToSrc(message(flow.dstToSrc()))
            .setEndReason(message(flow.end()));
    if (flow.vlan() != dev.shadowplane.dataplane.analytics.Flow.NO_VLAN) {
      message.setVlan(flow.vlan());
    }
    if (flow.details() != null) {
      message.setDetails(message(flow.details(), rules));
    }
    return message.build();
  }

  /**
   * The flow that a message tells of.
   *
   * @param message from control; characters that no address has are replaced.
   * @return the flow.
   */
  public static dev.shadowplane.dataplane.analytics.Flow flow(final Flow message) {
    return new dev.shadowplane.dataplane.analytics.Flow(
        plain(message.getSrcIp()),
        message.getSrcPort(),
        plain(message.getDstIp()),
        message.getDstPort(),
        message.getProtocol(),
        message.hasVlan() ? message.getVlan() : dev.shadowplane.dataplane.analytics.Flow.NO_VLAN,
        message.getFirstSeenNs(),
        message.getLastSeenNs(),
        direction(message.getSrcToDst()),
        direction(message.getDstToSrc()),
        end(message.getEndReason()),
        message.hasDetails() ? details(message.getDetails()) : null);
  }

  private static FlowDirection message(final Direction direction) {
    final FlowDirection.Builder message =
        FlowDirection.newBuilder()
            .setPackets(direction.packets())
            .setBytes(direction.bytes())
            .setIpBytes(direction.ipBytes())
            .setTcpFlags(direction.tcpFlags())
            .setFirstSeenNs(direction.firstSeenNs())
            .setLastSeenNs(direction.lastSeenNs());
    final Measures measures = direction.measures();
    if (measures != null) {
      message.setMeasures(message(measures));
    }
    return message.build();
  }

  private static Direction direction(final FlowDirection message) {
    return new Direction(
        message.getPackets(),
        message.getBytes(),
        message.getIpBytes(),
        message.getTcpFlags(),
        message.getFirstSeenNs(),
        message.getLastSeenNs(),
        message.hasMeasures() ? measures(message.getMeasures()) : null);
  }

  private static FlowMeasures message(final Measures measures) {
    final FlowMeasures.Builder message =
        FlowMeasures.newBuilder()
            .setPackets(measures.packets())
            .setSizeBytes(message(measures.sizeBytes()))
            .setGapNs(message(measures.gapNs()))
            .setRetransmissions(measures.retransmissions())
            .setOutOfOrder(measures.outOfOrder())
            .setZeroWindows(measures.zeroWindows())
            .setMinHopLimit(measures.minHopLimit())
            .setMaxHopLimit(measures.maxHopLimit());
    if (measures.roundTrip().samples() > 0) {
      message.setRoundTrip(
          RoundTrip.newBuilder()
              .setSamples(measures.roundTrip().samples())
              .setMeanNs(measures.roundTrip().meanNs())
              .setMinNs(measures.roundTrip().minNs())
              .setMaxNs(measures.roundTrip().maxNs()));
    }
    return message.build();
  }

  private static Measures measures(final FlowMeasures message) {
    final RoundTrip trip = message.getRoundTrip();
    return new Measures(
        message.getPackets(),
        spread(message.getSizeBytes()),
        spread(message.getGapNs()),
        message.getRetransmissions(),
        message.getOutOfOrder(),
        message.getZeroWindows(),
        new dev.shadowplane.dataplane.analytics.Flow.RoundTrip(
            trip.getSamples(), trip.getMeanNs(), trip.getMinNs(), trip.getMaxNs()),
        message.getMinHopLimit(),
        message.getMaxHopLimit());
  }

  private static Spread message(final dev.shadowplane.dataplane.analytics.Flow.Spread spread) {
    return Spread.newBuilder()
        .setCount(spread.count())
        .setMean(spread.mean())
        .setStandardDeviation(spread.standardDeviation())
        .setMin(spread.min())
        .setMax(spread.max())
        .build();
  }

  private static dev.shadowplane.dataplane.analytics.Flow.Spread spread(final Spread message) {
    return new dev.shadowplane.dataplane.analytics.Flow.Spread(
        message.getCount(),
        message.getMean(),
        message.getStandardDeviation(),
        message.getMin(),
        message.getMax());
  }

  private static FlowDetails message(final Details details, final RuleNames rules) {
    final FlowDetails.Builder message =
        FlowDetails.newBuilder()
            .setSrcMac(details.srcMac())
            .setDstMac(details.dstMac())
            .setTunnel(details.tunnel());
    if (details.vni() != UNKNOWN) {
      message.setVni((int) details.vni());
    }
    if (details.rule() != UNKNOWN) {
      message.setRule(details.rule()).setRuleName(rules.nameOf(details.rule()));
    }
    if (details.serverRttNs() != UNKNOWN) {
      message.setServerRttNs(details.serverRttNs());
    }
    if (details.clientRttNs() != UNKNOWN) {
      message.setClientRttNs(details.clientRttNs());
    }
    return message.build();
  }

  private static Details details(final FlowDetails message) {
    return new Details(
        plain(message.getSrcMac()),
        plain(message.getDstMac()),
        plain(message.getTunnel()),
        message.hasVni() ? message.getVni() : UNKNOWN,
        message.hasRule() ? message.getRule() : UNKNOWN,
        message.hasServerRttNs() ? message.getServerRttNs() : UNKNOWN,
        message.hasClientRttNs() ? message.getClientRttNs() : UNKNOWN);
  }

  private static dev.shadowplane.control.v1.EndReason message(final EndReason reason) {
    return switch (reason) {
      case ONGOING -> dev.shadowplane.control.v1.EndReason.END_REASON_ONGOING;
      case IDLE -> dev.shadowplane.control.v1.EndReason.END_REASON_IDLE;
      case ACTIVE -> dev.shadowplane.control.v1.EndReason.END_REASON_ACTIVE;
      case CLOSED -> dev.shadowplane.control.v1.EndReason.END_REASON_CLOSED;
      case EVICTED -> dev.shadowplane.control.v1.EndReason.END_REASON_EVICTED;
      case END_OF_INPUT -> dev.shadowplane.control.v1.EndReason.END_REASON_END_OF_INPUT;
    };
  }

  private static EndReason end(final dev.shadowplane.control.v1.EndReason message) {
    return switch (message) {
      case END_REASON_IDLE -> EndReason.IDLE;
      case END_REASON_ACTIVE -> EndReason.ACTIVE;
      case END_REASON_CLOSED -> EndReason.CLOSED;
      case END_REASON_EVICTED -> EndReason.EVICTED;
      case END_REASON_END_OF_INPUT -> EndReason.END_OF_INPUT;
      case END_REASON_UNSPECIFIED, END_REASON_ONGOING, UNRECOGNIZED -> EndReason.ONGOING;
    };
  }

  private static String plain(final String text) {
    return text.replaceAll("[^0-9A-Za-z.:-]", "?");
  }
}
