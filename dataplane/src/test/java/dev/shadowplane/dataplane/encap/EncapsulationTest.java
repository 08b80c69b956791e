package dev.shadowplane.dataplane.encap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.RandomFrames;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What leaves for a collector holds what production sent, and tshark understands the rest. */
final class EncapsulationTest extends DpdkTest {
  private static final RuleTarget FAR = new RuleTarget.Collector("far");
  private static final int BURSTS = 40;

  @TempDir private Path root;

  /** Every frame that left holds the frame that came behind the outer headers, byte for byte. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vxlan, vni: 0x1                   | 4 | 16 | udp.dstport,vxlan.flags,vxlan.vni        | 4789,0x0800,7
          vxlan, vni: 16777215, vlan: 9     | 4 | 16 | udp.dstport,vxlan.flags,vxlan.vni        | 4789,0x0800,16777215
          vxlan, vni: 7, udp-port: 8472     | 6 | 16 | udp.dstport,udp.checksum                 | 8472,0x0000
          geneve, vni: 7                    | 4 | 16 | udp.dstport,geneve.version,geneve.proto_type,geneve.vni | 6081,0,0x6558,0x000007
          geneve, vni: 1048575, vlan: 4094  | 6 | 16 | udp.dstport,geneve.proto_type,geneve.vni | 6081,0x6558,0x0fffff
          gre                               | 4 | 4  | gre.proto,gre.flags.key                  | 0x6558,0
          gre, key: 4294967295              | 4 | 8  | gre.proto,gre.key                        | 0x6558,0xffffffff
          gre, key: 1                       | 6 | 8  | gre.proto,gre.key                        | 0x6558,0x00000001
          erspan2, session: 1023            | 4 | 16 | gre.proto,erspan.version,erspan.spanid   | 0x88be,1,1023
          erspan2, session: 5, vlan: 7      | 6 | 16 | gre.proto,erspan.version,erspan.spanid   | 0x88be,1,5
          erspan3, session: 77              | 4 | 20 | gre.proto,erspan.version,erspan.spanid   | 0x22eb,2,77
          erspan3, session: 0               | 6 | 20 | gre.proto,erspan.version,erspan.spanid   | 0x22eb,2,0
          """)
  void innerBytesAreThoseOfProduction(
      String encapsulation, int version, int tunnelBytes, String fields, String values)
      throws Exception {
    final long seed = System.nanoTime();
    System.out.println("EncapsulationTest " + encapsulation + " seed " + seed);
    final CollectorConfig collector =
        Collectors.collector(
            "ttl: 33, dscp: 46, encapsulation: "
                + encapsulation.replace("0x1", "7")
                + ", "
                + (version == 4 ? Collectors.IPV4 : Collectors.IPV6));
    final Rule rule = Collectors.all(CopyChange.NONE, FAR);
    try (RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "out")) {
      lab.embed(Collectors.config(lab, List.of(collector), rule));
      final Traffic traffic = new Traffic(lab);
      final List<byte[]> left = new ArrayList<>();
      for (int i = 0; i < BURSTS; i++) {
        traffic.run(new RandomFrames(seed + i), new SplittableRandom(seed + i), 1);
        left.addAll(lab.receive("out"));
      }
      traffic.assertForwarded();
      final List<byte[]> sent = traffic.sent().stream().map(Traffic.Sent::frame).toList();
      final int link = collector.vlan() == null ? 14 : 18;
      final int outer = link + (version == 4 ? 20 : 40) + tunnelBytes;
      Traffic.assertFrames(
          "inner, seed " + seed,
          left.stream().map(frame -> Arrays.copyOfRange(frame, outer, frame.length)).toList(),
          sent);
      assertThat(lab.counter("rule.all.matched")).isEqualTo(sent.size());
      assertThat(lab.counter("rule.all.mirrored.collector:far")).isEqualTo(sent.size());
      assertOuter(collector, left, outer, fields, values, seed);
    }
  }

  private void assertOuter(
      CollectorConfig collector,
      List<byte[]> left,
      int outer,
      String fields,
      String values,
      long seed)
      throws Exception {
    final Path capture = root.resolve("left.pcap");
    Tshark.write(capture, left, 1_700_000_000_000_000_000L);
    final boolean ipv6 = collector.isIpv6();
    final String ip =
        ipv6
            ? "ipv6.src,ipv6.dst,ipv6.hlim,ipv6.tclass.dscp,ipv6.plen"
            : "ip.src,ip.dst,ip.ttl,ip.dsfield.dscp,ip.len,ip.checksum.status";
    final List<String> arguments =
        new ArrayList<>(
            List.of(
                "-o",
                "ip.check_checksum:TRUE",
                "-o",
                "ip.defragment:FALSE",
                "-d",
                "udp.port==8472,vxlan",
                "-T",
                "fields",
                "-E",
                "occurrence=f",
                "-E",
                "separator=,"));
    for (String field :
        ("eth.src,eth.dst," + ip + ",udp.length,udp.srcport,vlan.id," + fields).split(",", -1)) {
      arguments.addAll(List.of("-e", field));
    }
    final List<String> lines = Tshark.read(capture, arguments.toArray(String[]::new));
    assertThat(lines).hasSameSizeAs(left);
    final Set<String> ports = new HashSet<>();
    final int ipAt = collector.vlan() == null ? 14 : 18;
    for (int i = 0; i < lines.size(); i++) {
      final String as = "seed " + seed + " frame " + i + ": " + lines.get(i);
      final List<String> cells = List.of(lines.get(i).split(",", -1));
      final int ipLength = left.get(i).length - ipAt;
      assertThat(cells.subList(0, 2))
          .as(as)
          .containsExactly("02:00:00:00:0c:01", "02:00:00:00:0c:02");
      assertThat(cells.subList(2, 6))
          .as(as)
          .containsExactly(
              ipv6 ? "2001:db8:c::1" : "192.0.2.1",
              ipv6 ? "2001:db8:c::2" : "192.0.2.2",
              "33",
              "46");
      assertThat(cells.get(6)).as(as).isEqualTo("" + (ipv6 ? ipLength - 40 : ipLength));
      int at = 7;
      if (!ipv6) {
        assertThat(cells.get(at++)).as("checksum good, " + as).isEqualTo("1");
      }
      if (collector.udpPort() != 0) {
        assertThat(cells.get(at)).as(as).isEqualTo("" + (ipLength - (ipv6 ? 40 : 20)));
        assertThat(Integer.parseInt(cells.get(at + 1))).as(as).isBetween(49_152, 65_535);
        ports.add(cells.get(at + 1));
      }
      if (collector.vlan() != null) {
        assertThat(cells.get(at + 2)).as(as).isEqualTo("" + collector.vlan());
      }
      assertThat(String.join(",", cells.subList(at + 3, cells.size()))).as(as).isEqualTo(values);
    }
    assertThat(ports.size()).as("entropy").isGreaterThan(collector.udpPort() == 0 ? -1 : 20);
    assertThat(outer).isPositive();
  }
}
