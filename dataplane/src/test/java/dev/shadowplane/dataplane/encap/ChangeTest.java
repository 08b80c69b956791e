package dev.shadowplane.dataplane.encap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.RewriteConfig;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.mirror.RandomFrames;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dpdk.DpdkTest;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies that are cut, marked and rewritten, against frames that were built so at once. */
final class ChangeTest extends DpdkTest {
  private static final RuleTarget SHADOW = new RuleTarget.Port("shadow");
  private static final String SHADOW_MAP =
      """
      macs: { "02:00:00:00:fe:01": "06:00:00:00:00:11", "02:00:00:00:fe:02": "06:00:00:00:00:12" },
      vlans: { 3: 903, 4: 904 },
      addresses: { 10.0.0.0/8: 172.0.0.0/8, 10.0.0.0/24: 172.31.7.0/24, 10.0.0.2: 203.0.113.77,
        "2001:db8::/64": "2001:db8:ffff:1::/64", "fd00::2": "fd00:9::5" }
      """;
  private static final int FRAMES = 640;

  @TempDir private Path root;

  /** Frames of every shape, from the addresses of production or from those that stand for them. */
  private static final class Shapes {
    private final SplittableRandom random;
    private final boolean mapped;

    private Shapes(long seed, boolean mapped) {
      random = new SplittableRandom(seed);
      this.mapped = mapped;
    }

    private byte[] next() {
      final Frames frame = Frames.ethernet().macs(mac(), mac());
      switch (random.nextInt(4)) {
        case 0 -> frame.vlan(tci());
        case 1 -> frame.qinq(tci()).vlan(tci());
        default -> {}
      }
      final boolean ipv4 = random.nextBoolean();
      if (ipv4) {
        frame.ipv4(ipv4(), ipv4());
        frame.options(new byte[4 * Math.max(0, random.nextInt(-8, 11))]);
      } else {
        frame.ipv6(ipv6(), ipv6());
        for (int i = random.nextInt(-4, 4); i > 0; i--) {
          frame.extension(
              random.nextBoolean() ? Frames.DESTINATION_OPTIONS : Frames.AUTHENTICATION,
              random.nextInt(2, 5));
        }
      }
      final boolean first = random.nextInt(8) == 0;
      if (first) {
        frame.fragment(random.nextInt(0x10000), 0, true);
      }
      switch (random.nextInt(4)) {
        case 0 -> frame.tcp(random.nextInt(0x10000), 80, Frames.ACK);
        case 1 -> frame.udp(random.nextInt(0x10000), 53);
        case 2 -> frame.echo(random.nextBoolean(), random.nextInt(0x10000));
        default -> frame.protocol(132);
      }
      return frame.payload(8 * random.nextInt(180)).bytes();
    }

    private byte[] mac() {
      final int host = random.nextInt(1, 5);
      return mapped && host < 3
          ? new byte[] {6, 0, 0, 0, 0, (byte) (0x10 + host)}
          : new byte[] {2, 0, 0, 0, (byte) 0xfe, (byte) host};
    }

    private int tci() {
      final int vlan = random.nextInt(1, 6);
      return (random.nextInt(16) << 12) | (mapped && (vlan == 3 || vlan == 4) ? 900 + vlan : vlan);
    }

    private String ipv4() {
      final int host = random.nextInt(1, 5);
      return switch (random.nextInt(4)) {
        case 0 -> mapped ? host == 2 ? "203.0.113.77" : "172.31.7." + host : "10.0.0." + host;
        case 1 -> (mapped ? "172.0.5." : "10.0.5.") + host;
        default -> "192.0.2." + host;
      };
    }

    private String ipv6() {
      final int host = random.nextInt(1, 5);
      return switch (random.nextInt(4)) {
        case 0 -> (mapped ? "2001:db8:ffff:1::" : "2001:db8::") + host;
        case 1 -> mapped && host == 2 ? "fd00:9::5" : "fd00::" + host;
        default -> "2001:db8:1::" + host;
      };
    }
  }

  private RingLab lab(CopyChange change) throws Exception {
    final RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "shadow");
    final RewriteConfig map = Collectors.rewrite(SHADOW_MAP);
    lab.embed(
        lab.config(Collectors.all(change, SHADOW))
            .with(DataPlaneConfig.HEADER_MBUFS, List.of(), List.of(map)));
    return lab;
  }

  /** Sends frames, cut into segments by chance; production must get them as they are. */
  private static List<byte[]> mirrored(RingLab lab, List<byte[]> frames, long seed) {
    final SplittableRandom random = new SplittableRandom(seed);
    final List<byte[]> mirrored = new ArrayList<>();
    final List<byte[]> forwarded = new ArrayList<>();
    for (int i = 0; i < frames.size(); i++) {
      final int length = frames.get(i).length;
      lab.add(
          lab.mbuf(
              frames.get(i),
              random.nextInt(3) == 0 ? random.nextInt(1 + length / 12, length + 2) : 2_000));
      if (i % RingLab.BURST == RingLab.BURST - 1 || i == frames.size() - 1) {
        lab.flush("a");
        lab.work();
        mirrored.addAll(lab.receive("shadow"));
        forwarded.addAll(lab.receive("b"));
      }
    }
    Traffic.assertFrames("production, seed " + seed, forwarded, frames);
    return mirrored;
  }

  @Test
  void rewrittenFramesAreWhatTheOthersWouldHaveSent() throws Exception {
    final long seed = System.nanoTime();
    System.out.println("ChangeTest rewrite seed " + seed);
    final Shapes production = new Shapes(seed, false);
    final Shapes shadow = new Shapes(seed, true);
    final List<byte[]> sent = new ArrayList<>();
    final List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      sent.add(production.next());
      expected.add(shadow.next());
    }
    try (RingLab lab = lab(new CopyChange(null, null, null, "shadow"))) {
      Traffic.assertFrames("rewritten, seed " + seed, mirrored(lab, sent, seed), expected);
      assertThat(lab.counter("rule.all.mirrored.port:shadow")).isEqualTo(FRAMES);
    }
  }

  /** A checksum in a fragment that is not the first is still that of the whole datagram. */
  @ParameterizedTest
  @ValueSource(ints = {4, 6})
  void tinyFragmentsTogetherAreWhatTheOthersWouldHaveSent(int version) throws Exception {
    final long seed = 7;
    try (RingLab lab = lab(new CopyChange(null, null, null, "shadow"))) {
      final List<byte[]> sent = tiny(version, false);
      Traffic.assertFrames("fragments", mirrored(lab, sent, seed), tiny(version, true));
    }
  }

  private static List<byte[]> tiny(int version, boolean mapped) {
    final Frames whole = Frames.ethernet().macs(new byte[6], new byte[6]);
    final int header = version == 4 ? 34 : 54;
    final List<byte[]> fragments = new ArrayList<>();
    final byte[] datagram =
        address(whole, version, mapped).tcp(1, 80, Frames.ACK).payload(20).bytes();
    for (int at = 0; header + at < datagram.length; at += 8) {
      final int end = Math.min(header + at + 8, datagram.length);
      // The builder adds no header to one with an offset; the first gets its eight bytes so too.
      final Frames fragment = Frames.ethernet().macs(new byte[6], new byte[6]);
      fragments.add(
          address(fragment, version, mapped)
              .fragment(9, at, end < datagram.length)
              .protocol(Frames.TCP)
              .payload(Arrays.copyOfRange(datagram, header + at, end))
              .bytes());
    }
    return fragments;
  }

  private static Frames address(Frames frame, int version, boolean mapped) {
    if (version == 4) {
      return mapped ? frame.ipv4("203.0.113.77", "172.0.9.9") : frame.ipv4("10.0.0.2", "10.0.9.9");
    }
    return mapped
        ? frame.ipv6("2001:db8:ffff:1::1", "fd00:9::5")
        : frame.ipv6("2001:db8::1", "fd00::2");
  }

  @Test
  void arpAndNeighbourDiscoveryAndUdpWithoutChecksum() throws Exception {
    final byte[] unchecked = Frames.ethernet().ipv4("10.0.0.2", "192.0.2.1").udp(1, 2).bytes();
    final byte[] uncheckedShadow =
        Frames.ethernet().ipv4("203.0.113.77", "192.0.2.1").udp(1, 2).bytes();
    ByteBuffer.wrap(unchecked).putShort(40, (short) 0);
    ByteBuffer.wrap(uncheckedShadow).putShort(40, (short) 0);
    final List<byte[]> sent =
        List.of(arp(1, "10.0.0.2"), solicitation(1, "2001:db8::7"), unchecked);
    final List<byte[]> expected =
        List.of(
            arp(0x11, "203.0.113.77"), solicitation(0x11, "2001:db8:ffff:1::7"), uncheckedShadow);
    try (RingLab lab = lab(new CopyChange(null, null, null, "shadow"))) {
      Traffic.assertFrames("rewritten", mirrored(lab, sent, 5), expected);
    }
  }

  private static byte[] mac(int host) {
    return host > 0x10
        ? new byte[] {6, 0, 0, 0, 0, (byte) host}
        : new byte[] {2, 0, 0, 0, (byte) 0xfe, (byte) host};
  }

  private static byte[] arp(int host, String address) {
    return Frames.ethernet()
        .macs(mac(host), mac(9))
        .type(Frames.TYPE_ARP)
        .payload(
            ByteBuffer.allocate(28)
                .putLong(0x0001_0800_0604_0001L)
                .put(mac(host))
                .put(InetAddress.ofLiteral(address).getAddress())
                .put(new byte[6])
                .put(InetAddress.ofLiteral(address).getAddress())
                .array())
        .bytes();
  }

  /** An echo whose type is then made a solicitation, and the checksum what it must be. */
  private static byte[] solicitation(int host, String target) {
    final ByteBuffer rest =
        ByteBuffer.allocate(24)
            .put(InetAddress.ofLiteral(target).getAddress())
            .put((byte) 1)
            .put((byte) 1)
            .put(mac(host));
    final byte[] frame =
        Frames.ethernet()
            .macs(mac(host), mac(9))
            .ipv6("2001:db8:1::1", "2001:db8:1::2")
            .echo(true, 0)
            .payload(rest.array())
            .bytes();
    final ByteBuffer buffer = ByteBuffer.wrap(frame);
    // 128 becomes 135 in the upper byte of a word of the sum.
    final int sum = (~buffer.getShort(56) & 0xffff) + (7 << 8);
    buffer.put(54, (byte) 135).putShort(56, (short) ~((sum & 0xffff) + (sum >>> 16)));
    return frame;
  }

  @Test
  void markedFramesBearDscpAndTagAndTheRestAsSent() throws Exception {
    final long seed = System.nanoTime();
    System.out.println("ChangeTest mark seed " + seed);
    final Shapes production = new Shapes(seed, false);
    final List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      sent.add(production.next());
    }
    try (RingLab lab = lab(new CopyChange(null, 42, 1234, null))) {
      final List<byte[]> marked = mirrored(lab, sent, seed);
      assertThat(marked).hasSameSizeAs(sent);
      final List<byte[]> restored = new ArrayList<>();
      for (int i = 0; i < FRAMES; i++) {
        final byte[] frame = marked.get(i);
        assertThat(ByteBuffer.wrap(frame).getInt(12)).isEqualTo(0x8100_0000 | 1234);
        restored.add(unmarked(frame, sent.get(i)));
      }
      Traffic.assertFrames("but for the marks, seed " + seed, restored, sent);
      final Path capture = root.resolve("marked.pcap");
      Tshark.write(capture, marked, 1_700_000_000_000_000_000L);
      final List<String> lines =
          Tshark.read(
              capture,
              ("-o ip.check_checksum:TRUE -o ip.defragment:FALSE -T fields -E occurrence=f -E"
                      + " separator=, -e ip.dsfield.dscp -e ip.checksum.status -e ipv6.tclass.dscp")
                  .split(" ", -1));
      assertThat(lines)
          .hasSize(FRAMES)
          .allMatch(line -> line.equals("42,1,") || line.equals(",,42"));
    }
  }

  /** The frame without its tag, class of service and IPv4 header checksum as in the other. */
  private static byte[] unmarked(byte[] marked, byte[] sent) {
    final byte[] frame = new byte[marked.length - 4];
    System.arraycopy(marked, 0, frame, 0, 12);
    System.arraycopy(marked, 16, frame, 12, frame.length - 12);
    int ip = 14;
    while ((ByteBuffer.wrap(sent).getShort(ip - 2) & 0xffff) % 0x800 != 0
        && (ByteBuffer.wrap(sent).getShort(ip - 2) & 0xffff) != Frames.TYPE_IPV6) {
      ip += 4;
    }
    frame[ip] = sent[ip];
    frame[ip + 1] = sent[ip + 1];
    if (frame[ip] >>> 4 == 4) {
      frame[ip + 10] = sent[ip + 10];
      frame[ip + 11] = sent[ip + 11];
    }
    return frame;
  }

  @Test
  void cutFramesAreTheBeginningOfWhatWasSent() throws Exception {
    final long seed = System.nanoTime();
    System.out.println("ChangeTest snap seed " + seed);
    final RandomFrames random = new RandomFrames(seed);
    final List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      sent.add(random.next());
    }
    try (RingLab lab = lab(new CopyChange(61, null, null, null))) {
      Traffic.assertFrames(
          "cut, seed " + seed,
          mirrored(lab, sent, seed),
          sent.stream().map(f -> Arrays.copyOf(f, Math.min(61, f.length))).toList());
    }
  }

  /** The journal is cut as well, and otherwise keeps what production sent. */
  @Test
  void theJournalKeepsTheBeginningOfWhatProductionSent() throws Exception {
    final long seed = System.nanoTime();
    System.out.println("ChangeTest journal seed " + seed);
    final Shapes production = new Shapes(seed, false);
    final List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      sent.add(production.next());
    }
    final RewriteConfig map = Collectors.rewrite(SHADOW_MAP);
    final CopyChange change = new CopyChange(90, 8, 7, "shadow");
    try (RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "shadow")) {
      lab.embed(
          lab.journaling(1 << 20, Collectors.all(change, SHADOW, RuleTarget.JOURNAL))
              .with(DataPlaneConfig.HEADER_MBUFS, List.of(), List.of(map)));
      assertThat(mirrored(lab, sent, seed)).hasSize(60).allMatch(f -> f.length <= 94);
      lab.until("the journal", () -> lab.counter("journal.frames") == 60);
      lab.stop();
      final List<byte[]> journaled = new ArrayList<>();
      try (JournalReader reader =
          new JournalReader(lab.journal(), 0, Long.MAX_VALUE, new JournalEvents() {})) {
        while (reader.next()) {
          final byte[] frame = new byte[reader.capturedLengthBytes()];
          reader.frame().getBytes(0, frame);
          assertThat(reader.originalLengthBytes()).isEqualTo(sent.get(journaled.size()).length);
          journaled.add(frame);
        }
      }
      Traffic.assertFrames(
          "journal, seed " + seed,
          journaled,
          sent.stream().map(f -> Arrays.copyOf(f, Math.min(90, f.length))).toList());
    }
  }

  /** Whatever arrives, it is copied or counted, and production is as it was. */
  @Test
  void hostileFramesAreChangedOrCounted() throws Exception {
    final long seed = System.nanoTime();
    System.out.println("ChangeTest hostile seed " + seed);
    final RandomFrames random = new RandomFrames(seed);
    final List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < 4 * FRAMES; i++) {
      sent.add(random.next());
    }
    final RingLab lab = lab(new CopyChange(300, 8, 5, "shadow"));
    try (lab) {
      final List<byte[]> copies = mirrored(lab, sent, seed);
      assertThat(lab.counter("rule.all.mirrored.port:shadow")).isEqualTo(copies.size());
      assertThat(lab.counter("rule.all.shed.port:shadow.unchangeable"))
          .isEqualTo(sent.size() - copies.size())
          .isPositive();
      assertThat(lab.counter("rule.all.matched")).isEqualTo(sent.size());
    }
    assertThat(lab.log()).noneMatch(line -> line.contains("not returned"));
  }
}
