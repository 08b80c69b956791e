package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;
import dev.shadowplane.dataplane.ipfix.Decoder.DataRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What a record has to tell about a flow. */
final class Expected {
  private static final long REVERSE = 29_305;
  private static final Map<EndReason, Long> END_REASONS =
      Map.of(
          EndReason.IDLE, 1L,
          EndReason.ACTIVE, 2L,
          EndReason.CLOSED, 3L,
          EndReason.END_OF_INPUT, 4L,
          EndReason.EVICTED, 5L);

  private Expected() {}

  /** Each direction that had packets, as a flow of its own. */
  static List<Flow> uniflows(List<Flow> flows) {
    final Direction nothing = new Direction(0, 0, 0, 0, 0, 0, null);
    final List<Flow> uniflows = new ArrayList<>();
    for (Flow flow : flows) {
      final Details there = flow.details();
      final Direction sent = flow.srcToDst();
      final Direction answers = flow.dstToSrc();
      if (sent.packets() > 0) {
        uniflows.add(
            new Flow(
                flow.srcIp(),
                flow.srcPort(),
                flow.dstIp(),
                flow.dstPort(),
                flow.protocol(),
                flow.vlan(),
                sent.firstSeenNs(),
                sent.lastSeenNs(),
                sent,
                nothing,
                flow.end(),
                there));
      }
      if (answers.packets() > 0) {
        final Details back =
            there == null
                ? null
                : new Details(
                    /* srcMac= */ there.dstMac(),
                    /* dstMac= */ there.srcMac(),
                    there.tunnel(),
                    there.vni(),
                    there.rule(),
                    there.serverRttNs(),
                    there.clientRttNs());
        uniflows.add(
            new Flow(
                flow.dstIp(),
                flow.dstPort(),
                flow.srcIp(),
                flow.srcPort(),
                flow.protocol(),
                flow.vlan(),
                answers.firstSeenNs(),
                answers.lastSeenNs(),
                answers,
                nothing,
                flow.end(),
                back));
      }
    }
    return uniflows;
  }

  static void assertTells(DataRecord is, Flow flow, boolean biflow, long enterprise, long seed) {
    final Supplier<String> what = () -> "seed " + seed + ": " + flow;
    final boolean ipv6 = flow.srcIp().contains(":");
    assertThat(address(is.bytes(0, ipv6 ? 27 : 8))).as(what).isEqualTo(address(flow.srcIp(), ipv6));
    assertThat(address(is.bytes(0, ipv6 ? 28 : 12)))
        .as(what)
        .isEqualTo(address(flow.dstIp(), ipv6));
    assertThat(is.number(0, 7)).as(what).isEqualTo(flow.srcPort());
    assertThat(is.number(0, 11)).as(what).isEqualTo(flow.dstPort());
    assertThat(is.number(0, 4)).as(what).isEqualTo(flow.protocol());
    assertThat(is.has(0, 58)).as(what).isEqualTo(flow.vlan() != Flow.NO_VLAN);
    if (is.has(0, 58)) {
      assertThat(is.number(0, 58)).as(what).isEqualTo(flow.vlan());
    }
    assertThat(is.number(0, 152)).as(what).isEqualTo(flow.firstSeenNs() / 1_000_000);
    assertThat(is.number(0, 153)).as(what).isEqualTo(flow.lastSeenNs() / 1_000_000);
    assertThat(Math.abs(is.ns(0, 156) - flow.firstSeenNs())).as(what).isLessThanOrEqualTo(1);
    assertThat(Math.abs(is.ns(0, 157) - flow.lastSeenNs())).as(what).isLessThanOrEqualTo(1);
    assertThat(is.number(0, 136)).as(what).isEqualTo(END_REASONS.get(flow.end()));
    assertThat(is.has(0, 239)).as(what).isEqualTo(biflow);
    if (biflow) {
      assertThat(is.number(0, 239)).as(what).isEqualTo(1);
    }
    assertDirection(is, 0, enterprise, 0, flow.srcToDst(), what);
    if (flow.dstToSrc().packets() > 0) {
      assertDirection(is, REVERSE, enterprise, 0x4000, flow.dstToSrc(), what);
    } else {
      assertThat(is.fields().keySet())
          .as(what)
          .noneMatch(element -> element.enterprise() == REVERSE);
    }
    assertDetails(is, enterprise, flow.details(), what);
  }

  private static void assertDirection(
      DataRecord is,
      long iana,
      long enterprise,
      int reverse,
      Direction direction,
      Supplier<String> what) {
    assertThat(is.number(iana, 1)).as(what).isEqualTo(direction.ipBytes());
    assertThat(is.number(iana, 2)).as(what).isEqualTo(direction.packets());
    assertThat(is.number(iana, 352)).as(what).isEqualTo(direction.bytes());
    assertThat(is.number(iana, 6)).as(what).isEqualTo(direction.tcpFlags());
    if (enterprise != 0 && direction.packets() > 0) {
      if (reverse != 0) {
        assertThat(is.ns(enterprise, reverse | 1)).as(what).isEqualTo(direction.firstSeenNs());
      }
      assertThat(is.ns(enterprise, reverse | 2)).as(what).isEqualTo(direction.lastSeenNs());
    }
    final Measures measures = direction.measures();
    assertThat(is.has(iana, 52)).as(what).isEqualTo(measures != null);
    if (measures == null) {
      return;
    }
    assertThat(is.number(iana, 52)).as(what).isEqualTo(measures.minHopLimit());
    assertThat(is.number(iana, 53)).as(what).isEqualTo(measures.maxHopLimit());
    assertThat(is.number(iana, 422)).as(what).isEqualTo(measures.sizeBytes().min());
    assertThat(is.number(iana, 423)).as(what).isEqualTo(measures.sizeBytes().max());
    if (enterprise == 0) {
      return;
    }
    assertThat(is.number(enterprise, reverse | 3)).as(what).isEqualTo(measures.packets());
    assertThat(is.real(enterprise, reverse | 4)).as(what).isEqualTo(measures.sizeBytes().mean());
    assertThat(is.real(enterprise, reverse | 5))
        .as(what)
        .isEqualTo(measures.sizeBytes().standardDeviation());
    assertThat(is.real(enterprise, reverse | 6)).as(what).isEqualTo(measures.gapNs().mean());
    assertThat(is.real(enterprise, reverse | 7))
        .as(what)
        .isEqualTo(measures.gapNs().standardDeviation());
    assertThat(is.number(enterprise, reverse | 8)).as(what).isEqualTo(measures.gapNs().min());
    assertThat(is.number(enterprise, reverse | 9)).as(what).isEqualTo(measures.gapNs().max());
    assertThat(is.number(enterprise, reverse | 10)).as(what).isEqualTo(measures.retransmissions());
    assertThat(is.number(enterprise, reverse | 11)).as(what).isEqualTo(measures.outOfOrder());
    assertThat(is.number(enterprise, reverse | 12)).as(what).isEqualTo(measures.zeroWindows());
    assertThat(is.real(enterprise, reverse | 13)).as(what).isEqualTo(measures.roundTrip().meanNs());
    assertThat(is.number(enterprise, reverse | 14))
        .as(what)
        .isEqualTo(measures.roundTrip().minNs());
  }

  private static void assertDetails(
      DataRecord is,
      long enterprise,
      @org.jspecify.annotations.Nullable Details details,
      Supplier<String> what) {
    assertThat(is.has(0, 56)).as(what).isEqualTo(details != null);
    final boolean tunnelled = details != null && !details.tunnel().isEmpty();
    assertThat(is.has(0, 351)).as(what).isEqualTo(tunnelled);
    if (details == null) {
      return;
    }
    final HexFormat pairs = HexFormat.ofDelimiter(":");
    assertThat(pairs.formatHex(is.bytes(0, 56))).as(what).isEqualTo(details.srcMac());
    assertThat(pairs.formatHex(is.bytes(0, 80))).as(what).isEqualTo(details.dstMac());
    if (tunnelled) {
      assertThat(is.number(0, 351) & 0xff_ffff).as(what).isEqualTo(details.vni());
      assertThat(is.number(0, 351) >>> 24)
          .as(what)
          .isEqualTo(details.tunnel().equals("vxlan") ? 1L << 32 : 0);
    }
    if (enterprise != 0) {
      assertThat(is.number(enterprise, 15)).as(what).isEqualTo(details.serverRttNs());
      assertThat(is.number(enterprise, 16)).as(what).isEqualTo(details.clientRttNs());
    }
  }

  private static String address(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String address(String text, boolean ipv6) {
    final String hex = address(Objects.requireNonNull(InetAddress.ofLiteral(text)).getAddress());
    return ipv6 && hex.length() == 8 ? "00000000000000000000ffff" + hex : hex;
  }
}
