package dev.shadowplane.dataplane.encap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.MbufView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MTU, buffers and rings: what does not leave whole is counted under its reason, to the packet. */
final class LedgerTest extends DpdkTest {
  private static final RuleTarget FAR = new RuleTarget.Collector("far");
  private static final List<String> REASONS =
      List.of(
          "ring-full",
          "frame-too-long",
          "no-mbuf",
          "mtu",
          "next-hop-unresolved",
          "unchangeable",
          "fragments-cut");

  @TempDir private Path root;

  private static byte[] frame(int serial, int bytes) {
    return Frames.ethernet()
        .ipv4("10.0.0.1", "10.0.0.2")
        .udp(serial, 9)
        .payload(bytes - 42)
        .bytes();
  }

  private static long assertLedger(RingLab lab, long matched) {
    final long shed =
        REASONS.stream()
            .mapToLong(reason -> lab.counter("rule.all.shed.collector:far." + reason))
            .sum();
    assertThat(lab.counter("rule.all.matched")).isEqualTo(matched);
    assertThat(lab.counter("rule.all.mirrored.collector:far") + shed).isEqualTo(matched);
    return shed;
  }

  private RingLab lab(int descriptors, int headerMbufs, CopyChange change, String collector)
      throws Exception {
    final RingLab lab = new RingLab(pool(), root, descriptors, "a", "b", "out");
    lab.embed(
        lab.config(Collectors.all(change, FAR))
            .with(
                headerMbufs,
                List.of(Collectors.collector(collector)),
                List.of(Collectors.rewrite("vlans: { 1: 2 }"))));
    return lab;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vxlan, vni: 7      | 4 | 16 | 1500
          vxlan, vni: 7      | 4 | 16 | 576
          geneve, vni: 7     | 6 | 16 | 1280
          gre, key: 7        | 4 | 8  | 577
          erspan2, session: 7, vlan: 8 | 4 | 16 | 600
          erspan3, session: 7 | 6 | 20 | 1281
          """)
  void fragmentsTogetherHoldTheFrame(String encapsulation, int version, int tunnelBytes, int mtu)
      throws Exception {
    final String collector =
        "mtu: "
            + mtu
            + ", encapsulation: "
            + encapsulation
            + ", "
            + (version == 4 ? Collectors.IPV4 : Collectors.IPV6);
    final List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      sent.add(frame(i, new int[] {60, mtu - 60, mtu, 1_514, 3_000, 9_014}[i % 6]));
    }
    final RingLab lab = lab(1_024, 4_095, new CopyChange(null, null, 7, "shadow"), collector);
    final List<byte[]> left = new ArrayList<>();
    try (lab) {
      for (int i = 0; i < sent.size(); i++) {
        lab.add(lab.mbuf(sent.get(i), i % 2 == 0 ? 2_000 : 333));
        if (i % 4 == 3) {
          lab.flush("a");
          lab.work();
          left.addAll(lab.receive("out"));
        }
      }
      Traffic.assertFrames("production", lab.receive("b"), sent);
      assertThat(assertLedger(lab, sent.size())).isZero();
    }
    assertThat(lab.log()).noneMatch(line -> line.contains("not returned"));
    final List<byte[]> marked =
        sent.stream()
            .map(f ->
                ByteBuffer.allocate(f.length + 4)
                    .put(f, 0, 12)
                    .putInt(0x8100_0007)
                    .put(f, 12, f.length - 12)
                    .array())
            .toList();
    final int link = encapsulation.contains("vlan") ? 18 : 14;
    final List<byte[]> datagrams = reassembled(left, link, version, mtu);
    Traffic.assertFrames(
        "reassembled",
        datagrams.stream().map(d -> Arrays.copyOfRange(d, tunnelBytes, d.length)).toList(),
        marked);
    assertThat(left.size()).isGreaterThan(sent.size() + 10);
    assertChecksums(left, version);
  }

  /** Frames whose buffers belong to other mbufs, as drivers that share buffers hand them out. */
  @ParameterizedTest
  @ValueSource(ints = {1_500, 600})
  void receivedViewsAreSharedOnceMore(int mtu) throws Exception {
    final List<byte[]> sent = new ArrayList<>();
    final List<byte[]> left = new ArrayList<>();
    final RingLab lab =
        lab(
            1_024,
            4_095,
            CopyChange.NONE,
            "mtu: " + mtu + ", encapsulation: vxlan, vni: 7, " + Collectors.IPV4);
    try (lab) {
      for (int i = 0; i < 64; i++) {
        final byte[] frame = frame(i, 60 + 20 * i);
        sent.add(frame);
        final long view = lab.mbuf(new byte[0], Integer.MAX_VALUE);
        MbufView.attach(view, lab.mbuf(frame, Integer.MAX_VALUE), 0, frame.length);
        assertThat(MbufView.isDirect(view)).isFalse();
        lab.add(view);
        if (i % 16 == 15) {
          lab.flush("a");
          lab.work();
          left.addAll(lab.receive("out"));
        }
      }
      Traffic.assertFrames("production", lab.receive("b"), sent);
      assertThat(assertLedger(lab, sent.size())).isZero();
    }
    assertThat(lab.log()).noneMatch(line -> line.contains("not returned"));
    Traffic.assertFrames(
        "reassembled",
        reassembled(left, 14, 4, mtu).stream()
            .map(datagram -> Arrays.copyOfRange(datagram, 16, datagram.length))
            .toList(),
        sent);
  }

  private static List<byte[]> reassembled(List<byte[]> frames, int link, int version, int mtu) {
    final List<byte[]> whole = new ArrayList<>();
    final TreeMap<Integer, byte[]> parts = new TreeMap<>();
    long identification = -1;
    for (byte[] frame : frames) {
      final ByteBuffer buffer = ByteBuffer.wrap(frame);
      assertThat(frame.length - link).isLessThanOrEqualTo(mtu);
      int start = link + (version == 4 ? 20 : 40);
      int offset = 0;
      boolean more = false;
      long id = 0;
      if (version == 4) {
        offset = (buffer.getShort(link + 6) & 0x1fff) * 8;
        more = (buffer.getShort(link + 6) & 0x2000) != 0;
        id = buffer.getShort(link + 4);
        assertThat(buffer.getShort(link + 2)).isEqualTo((short) (frame.length - link));
      } else {
        assertThat(buffer.getShort(link + 4)).isEqualTo((short) (frame.length - link - 40));
        if (frame[link + 6] == 44) {
          offset = buffer.getShort(start + 2) & 0xfff8;
          more = (buffer.getShort(start + 2) & 1) != 0;
          id = buffer.getInt(start + 4);
          start += 8;
        }
      }
      if (offset == 0) {
        parts.clear();
        assertThat(id).as("another identification").isNotEqualTo(more ? identification : -1);
        identification = id;
      }
      assertThat(id).isEqualTo(identification);
      parts.put(offset, Arrays.copyOfRange(frame, start, frame.length));
      if (!more) {
        final ByteBuffer datagram = ByteBuffer.allocate(offset + frame.length - start);
        parts.forEach((at, bytes) -> {
          assertThat(at).isEqualTo(datagram.position());
          datagram.put(bytes);
        });
        whole.add(datagram.array());
      }
    }
    return whole;
  }

  private void assertChecksums(List<byte[]> frames, int version) throws Exception {
    final Path capture = root.resolve("fragments.pcap");
    Tshark.write(capture, frames, 1_700_000_000_000_000_000L);
    final List<String> lines =
        Tshark.read(
            capture,
            ("-o ip.check_checksum:TRUE -o ip.defragment:FALSE -o ipv6.defragment:FALSE -T fields"
                    + " -E occurrence=f -e ip.checksum.status")
                .split(" ", -1));
    assertThat(lines)
        .hasSameSizeAs(frames)
        .allMatch(line -> line.equals("1") || (version == 6 && line.isEmpty()));
  }

  @Test
  void whatIsLongerThanTheMtuIsCutOrRefusedAsTold() throws Exception {
    final List<byte[]> sent = List.of(frame(1, 60), frame(2, 964), frame(3, 965), frame(4, 1_514));
    final RingLab cutting =
        lab(
            64,
            4_095,
            CopyChange.NONE,
            "encapsulation: vxlan, vni: 7, mtu: 1000, too-long: truncate, " + Collectors.IPV4);
    try (cutting) {
      cutting.send("a", sent.toArray(byte[][]::new));
      cutting.work();
      Traffic.assertFrames(
          "cut",
          cutting.receive("out").stream().map(f -> Arrays.copyOfRange(f, 50, f.length)).toList(),
          sent.stream().map(f -> Arrays.copyOf(f, Math.min(f.length, 964))).toList());
      assertThat(assertLedger(cutting, 4)).isZero();
    }
    final RingLab refusing = new RingLab(pool(), root.resolve("refusing"), 64, "a", "b", "out");
    try (refusing) {
      refusing.embed(
          Collectors.config(
              refusing,
              List.of(
                  Collectors.collector(
                      "encapsulation: vxlan, vni: 7, mtu: 1000, too-long: refuse, "
                          + Collectors.IPV4)),
              Collectors.all(CopyChange.NONE, FAR)));
      refusing.send("a", sent.toArray(byte[][]::new));
      refusing.work();
      assertThat(refusing.receive("out")).hasSize(2);
      assertThat(assertLedger(refusing, 4)).isEqualTo(2);
      assertThat(refusing.counter("rule.all.shed.collector:far.mtu")).isEqualTo(2);
    }
  }

  /** Nobody drains the ring: packets that no fragment of was taken, and one that was cut. */
  @Test
  void aFullRingCutsOnePacketAndShedsTheRest() throws Exception {
    final RingLab lab =
        lab(
            64,
            4_095,
            CopyChange.NONE,
            "encapsulation: vxlan, vni: 7, mtu: 600, " + Collectors.IPV4);
    try (lab) {
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 10; k++) {
          lab.add(lab.mbuf(frame(k, 1_514), 400));
        }
        lab.flush("a");
        lab.work();
        lab.receive("b");
      }
      // 63 fit: 3 fragments each, so that 21 packets do, unless some are cut.
      assertThat(assertLedger(lab, 30)).isEqualTo(9);
      assertThat(lab.counter("rule.all.shed.collector:far.ring-full")).isEqualTo(9);
      assertThat(lab.receive("out")).hasSize(63);
      for (int k = 0; k < 10; k++) {
        lab.add(lab.mbuf(frame(k, 700), 2_000));
      }
      lab.flush("a");
      lab.work();
      for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 10; k++) {
          lab.add(lab.mbuf(frame(k, 1_514), 2_000));
        }
        lab.flush("a");
        lab.work();
      }
      // 20 fragments, then 43 places: 14 packets of three, and one that one fragment of went out.
      assertThat(lab.counter("rule.all.shed.collector:far.fragments-cut")).isEqualTo(1);
      assertThat(lab.counter("rule.all.mirrored.collector:far")).isEqualTo(21 + 10 + 14);
      assertThat(assertLedger(lab, 60)).isEqualTo(15);
      lab.receive("out");
      lab.receive("b");
    }
    assertThat(lab.log()).noneMatch(line -> line.contains("not returned"));
  }

  @Test
  void withoutHeaderBuffersCopiesAreShedAndProductionIsNot() throws Exception {
    final RingLab lab =
        lab(4_096, 1_023, CopyChange.NONE, "encapsulation: gre, " + Collectors.IPV4);
    try (lab) {
      for (int i = 0; i < 40; i++) {
        for (int k = 0; k < RingLab.BURST; k++) {
          lab.add(lab.mbuf(frame(k, 200 + i), i % 3 == 0 ? 150 : 2_000));
        }
        lab.flush("a");
        lab.work();
        assertThat(lab.receive("b")).hasSize(RingLab.BURST);
      }
      final long shed = assertLedger(lab, 40 * RingLab.BURST);
      assertThat(lab.counter("rule.all.shed.collector:far.no-mbuf")).isEqualTo(shed).isPositive();
      assertThat(lab.receive("out")).hasSize((int) (40 * RingLab.BURST - shed));
      // Given back, they serve again.
      lab.send("a", frame(1, 100));
      lab.work();
      assertThat(lab.receive("out")).hasSize(1);
    }
    assertThat(lab.log()).noneMatch(line -> line.contains("not returned"));
  }
}
