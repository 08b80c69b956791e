package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.CollectorConfig.TooLong;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Encapsulation;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.RewriteConfig;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.encap.CollectorLink;
import dev.shadowplane.dataplane.encap.Copies;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.encap.CopyTarget;
import dev.shadowplane.dataplane.encap.Rewrites;
import dev.shadowplane.dpdk.PktmbufPool;
import dev.shadowplane.dpdk.TxQueue;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Targets of every kind for changed and encapsulated copies, for {@link WarmUp}. */
final class WarmUpCopies implements AutoCloseable {
  private static final String REWRITE = "warm-up";
  private static final int SHORT_MTU = 600;
  private static final int LONG_MTU = 9_000;
  private static final MacAddress NEXT_HOP = new MacAddress(0x0200_0000_0001L);
  private static final MacAddress OTHER = new MacAddress(0x0200_0000_0009L);

  private final Map<RuleTarget, CopyTarget> targets = new LinkedHashMap<>();
  private final TxQueue queue;
  private final PktmbufPool pool;
  private final Rewrites rewrites =
      new Rewrites(
          List.of(
              new RewriteConfig(
                  REWRITE,
                  Map.of(new MacAddress(0x0200_0000_0002L), OTHER),
                  Map.of(100, 900),
                  Map.of(
                      IpPrefix.of("10.0.0.0/24"), IpPrefix.of("10.9.0.0/24"),
                      IpPrefix.of("10.0.0.1"), IpPrefix.of("10.8.0.1"),
                      IpPrefix.of("fd00::/64"), IpPrefix.of("fd00:9::/64")))));

  /** Targets behind one port; the pool outlives them. */
  WarmUpCopies(TxQueue queue, PktmbufPool pool) {
    this.queue = queue;
    this.pool = pool;
    collector("quick", Encapsulation.VXLAN, false, LONG_MTU, TooLong.REFUSE, NEXT_HOP);
    for (Encapsulation encapsulation : Encapsulation.values()) {
      collector(encapsulation.text(), encapsulation, false, SHORT_MTU, TooLong.FRAGMENT, NEXT_HOP);
    }
    collector("ipv6", Encapsulation.GENEVE, true, SHORT_MTU, TooLong.FRAGMENT, NEXT_HOP);
    collector("cut", Encapsulation.GRE, true, SHORT_MTU, TooLong.TRUNCATE, NEXT_HOP);
    collector("refused", Encapsulation.VXLAN, true, SHORT_MTU, TooLong.REFUSE, NEXT_HOP);
    collector("lost", Encapsulation.VXLAN, false, SHORT_MTU, TooLong.REFUSE, null);
    targets.put(
        new RuleTarget.Port("second"), new CopyTarget(queue, SHORT_MTU, pool, Worker.BURST));
  }

  private void collector(
      String name,
      Encapsulation encapsulation,
      boolean ipv6,
      int mtu,
      TooLong tooLong,
      @Nullable MacAddress nextHop) {
    final InetAddress from = InetAddress.ofLiteral(ipv6 ? "2001:db8::1" : "192.0.2.1");
    final InetAddress to = InetAddress.ofLiteral(ipv6 ? "2001:db8::2" : "192.0.2.2");
    final CollectorLink link =
        new CollectorLink(
            new CollectorConfig(
                name,
                "second",
                encapsulation,
                1,
                from,
                to,
                to,
                nextHop,
                OTHER,
                ipv6 ? Integer.valueOf(5) : null,
                encapsulation.udpPort(),
                64,
                0,
                mtu,
                tooLong),
            new byte[6],
            Integer.MAX_VALUE);
    link.nextHop().ask();
    targets.put(
        new RuleTarget.Collector(name), new CopyTarget(queue, link, 0, 1, pool, Worker.BURST));
  }

  /** Everything that can be changed. */
  static CopyChange everything() {
    return new CopyChange(700, 8, 7, REWRITE);
  }

  /** All targets, or the one that gets whole frames of one segment. */
  List<RuleTarget> targets(boolean all) {
    return new ArrayList<>(targets.keySet()).subList(0, all ? targets.size() : 1);
  }

  /** Copies numbered in the order of the targets of one rule. */
  Copies copies(List<RuleTarget> ofRule, CopyChange change) {
    return new Copies(
        ofRule.stream().map(target -> targets.get(target)).toList(),
        Collections.nCopies(ofRule.size(), new CopyShape(change, rewrites)));
  }

  @Override
  public void close() {
    targets.values().forEach(CopyTarget::close);
  }
}
