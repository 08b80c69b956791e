package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dataplane.packet.PacketRecord.FLAG_FIRST_FRAGMENT;
import static dev.shadowplane.dataplane.packet.PacketRecord.FLAG_LATER_FRAGMENT;
import static dev.shadowplane.dataplane.packet.PacketRecord.FLAG_MALFORMED;
import static dev.shadowplane.dataplane.packet.PacketRecord.FLAG_QINQ;
import static dev.shadowplane.dataplane.packet.PacketRecord.FLAG_TRUNCATED;
import static dev.shadowplane.dataplane.packet.PacketRecord.FLAG_VLAN;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameParserTest {
  private static final String A = "10.1.2.3";
  private static final String B = "192.168.4.5";
  private static final String A6 = "2001:db8::1";
  private static final String B6 = "fe80::aa:2";
  private static final int SYN_ACK = Frames.SYN | Frames.ACK;

  @Test
  void readsPlainTcp() {
    final byte[] frame = Frames.ethernet().ipv4(A, B).tcp(40000, 443, SYN_ACK).payload(7).bytes();
    final ParsedRecord record = ParsedRecord.of(frame);
    assertFive(record, A, B, Frames.TCP, 40000, 443);
    assertThat(record.tcpFlags()).isEqualTo(SYN_ACK);
    assertThat(record.flags()).isZero();
    assertThat(record.ingressPort()).isEqualTo(3);
    assertThat(record.frameLength()).isEqualTo(61).isEqualTo(frame.length);
    assertThat(record.ipLength()).isEqualTo(47);
  }

  @Test
  void readsPlainUdpAndIgnoresPadding() {
    final byte[] frame = Frames.ethernet().ipv4(A, B).udp(65535, 53).payload(1).bytes();
    final ParsedRecord record = ParsedRecord.of(Arrays.copyOf(frame, 60));
    assertFive(record, A, B, Frames.UDP, 65535, 53);
    assertThat(record.tcpFlags()).isZero();
    assertThat(record.flags()).isZero();
    assertThat(record.frameLength()).isEqualTo(60);
    assertThat(record.ipLength()).isEqualTo(29);
  }

  @Test
  void readsTheTrafficClass() {
    final byte[] plain = Frames.ethernet().ipv4(A, B).udp(1, 2).bytes();
    plain[15] = (byte) 0xb9;
    assertThat(ParsedRecord.of(plain).trafficClass()).isEqualTo(0xb9);
    final byte[] tagged = Frames.ethernet().vlan(7).ipv4(A, B).udp(1, 2).bytes();
    tagged[19] = (byte) 0xb9;
    assertThat(ParsedRecord.of(tagged).trafficClass()).isEqualTo(0xb9);
    final byte[] ipv6 = Frames.ethernet().ipv6(A6, B6).udp(1, 2).bytes();
    ipv6[14] = 0x6b;
    ipv6[15] = (byte) 0x9f;
    assertThat(ParsedRecord.of(ipv6).trafficClass()).isEqualTo(0xb9);
  }

  @Test
  void readsTheSameBehindTagsAndOptions() {
    final ParsedRecord plain =
        ParsedRecord.of(Frames.ethernet().ipv4(A, B).tcp(1, 2, Frames.SYN).bytes());
    final ParsedRecord tagged =
        ParsedRecord.of(
            Frames.ethernet()
                .qinq(0x2abc)
                .vlan(0x6007)
                .ipv4(A, B)
                .options(new byte[] {1, 1, 1, 0})
                .tcp(1, 2, Frames.SYN)
                .bytes());
    assertFive(tagged, A, B, Frames.TCP, 1, 2);
    assertThat(tagged.flags()).isEqualTo(FLAG_VLAN | FLAG_QINQ);
    assertThat(tagged.vlanTci()).isEqualTo(0x2abc);
    assertThat(tagged.innerVlanTci()).isEqualTo(0x6007);
    assertThat(tagged.tcpFlags()).isEqualTo(Frames.SYN);
    assertThat(tagged.hash()).isEqualTo(plain.hash());
  }

  @ParameterizedTest
  @ValueSource(ints = {Frames.TYPE_VLAN, Frames.TYPE_QINQ, 0x9100})
  void readsOneTagOfEachType(int type) {
    final ParsedRecord record =
        ParsedRecord.of(Frames.ethernet().tag(type, 0xfff).ipv6(A6, B6).udp(7, 8).bytes());
    assertFive(record, A6, B6, Frames.UDP, 7, 8);
    assertThat(record.flags()).isEqualTo(FLAG_VLAN);
    assertThat(record.vlanTci()).isEqualTo(0xfff);
    assertThat(record.innerVlanTci()).isZero();
  }

  @Test
  void takesAThirdTagForTheTypeOfTheFrame() {
    final ParsedRecord record =
        ParsedRecord.of(Frames.ethernet().vlan(1).vlan(2).vlan(3).ipv4(A, B).udp(7, 8).bytes());
    assertThat(record.kind()).isEqualTo(PacketRecord.KIND_OTHER);
    assertThat(record.etherType()).isEqualTo(Frames.TYPE_VLAN);
    assertThat(record.flags()).isEqualTo(FLAG_VLAN | FLAG_QINQ);
  }

  @Test
  void readsIpv6BehindEveryExtensionHeader() {
    final ParsedRecord record =
        ParsedRecord.of(
            Frames.ethernet()
                .ipv6(A6, B6)
                .extension(Frames.HOP_BY_HOP, 1)
                .extension(Frames.ROUTING, 3)
                .extension(Frames.AUTHENTICATION, 3)
                .extension(Frames.DESTINATION_OPTIONS, 2)
                .tcp(9, 10, Frames.ACK)
                .payload(11)
                .bytes());
    assertFive(record, A6, B6, Frames.TCP, 9, 10);
    assertThat(record.flags()).isZero();
    assertThat(record.tcpFlags()).isEqualTo(Frames.ACK);
    assertThat(record.ipLength()).isEqualTo(40 + 8 + 24 + 24 + 16 + 20 + 11);
  }

  @Test
  void boundsTheChainOfExtensionHeaders() {
    final Frames longest = Frames.ethernet().ipv6(A6, B6);
    for (int i = 0; i < FrameParser.MAX_EXTENSION_HEADERS; i++) {
      longest.extension(Frames.DESTINATION_OPTIONS, 1);
    }
    longest.udp(5, 6);
    assertFive(ParsedRecord.of(longest.bytes()), A6, B6, Frames.UDP, 5, 6);
    final ParsedRecord beyond =
        ParsedRecord.of(longest.extension(Frames.DESTINATION_OPTIONS, 1).bytes());
    assertThat(beyond.flags()).isEqualTo(FLAG_MALFORMED | PacketRecord.FLAG_PORTLESS);
    assertThat(beyond.sourcePort()).isZero();
  }

  @Test
  void keepsFragmentsOfADatagramTogether() {
    for (boolean ipv6 : new boolean[] {false, true}) {
      final ParsedRecord first = ParsedRecord.of(fragment(ipv6, 0, true).udp(5, 6).bytes());
      assertThat(first.flags()).isEqualTo(FLAG_FIRST_FRAGMENT);
      assertThat(first.sourcePort()).isEqualTo(5);
      final ParsedRecord later =
          ParsedRecord.of(fragment(ipv6, 64, false).protocol(Frames.UDP).payload(9).bytes());
      assertThat(later.flags()).isEqualTo(FLAG_LATER_FRAGMENT);
      assertThat(later.protocol()).isEqualTo(Frames.UDP);
      assertThat(later.sourcePort()).isZero();
      assertThat(later.hash()).isEqualTo(first.hash());
      assertThat(later.fragmentId()).isEqualTo(first.fragmentId()).isEqualTo(4711);
    }
  }

  @Test
  void tellsTheLengthOfFragmentsUpToItsBound() {
    final byte[] longest = fragment(false, 0, true).udp(5, 6).payload(1472).bytes();
    assertThat(ParsedRecord.of(longest, longest.length, 0xffff, 0).frameLength()).isEqualTo(0xffff);
    final ParsedRecord beyond = ParsedRecord.of(longest, longest.length, 0x1_0005, 0);
    assertThat(beyond.frameLength()).isEqualTo(0xffff);
    assertThat(beyond.fragmentId()).isEqualTo(4711);
    final byte[] ipv6 = fragment(true, 0, true).udp(5, 6).payload(1472).bytes();
    assertThat(ParsedRecord.of(ipv6, ipv6.length, 0x1_0005, 0).frameLength()).isEqualTo(0x1_0005);
  }

  @Test
  void takesAnAtomicFragmentForAWholeDatagram() {
    final ParsedRecord atomic = ParsedRecord.of(fragment(true, 0, false).udp(5, 6).bytes());
    final ParsedRecord whole = ParsedRecord.of(Frames.ethernet().ipv6(A6, B6).udp(5, 6).bytes());
    assertThat(atomic.flags()).isZero();
    assertThat(atomic.hash()).isEqualTo(whole.hash());
    assertThat(atomic.fragmentId()).isZero();
  }

  @Test
  void readsNoPortsOfProtocolsWithout() {
    final ParsedRecord ping =
        ParsedRecord.of(Frames.ethernet().ipv4(A, B).echo(true, 77).payload(8).bytes());
    assertFive(ping, A, B, Frames.ICMP, 0, 0);
    final ParsedRecord ping6 =
        ParsedRecord.of(Frames.ethernet().ipv6(A6, B6).echo(false, 77).payload(8).bytes());
    assertFive(ping6, A6, B6, Frames.ICMPV6, 0, 0);
    final ParsedRecord nothing = ParsedRecord.of(Frames.ethernet().ipv6(A6, B6).bytes());
    assertFive(nothing, A6, B6, 59, 0, 0);
    assertThat(nothing.flags()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0026, 0x05ff, Frames.TYPE_ARP, 0x88cc, 0xffff})
  void reportsTheTypeOfEverythingElse(int type) {
    final ParsedRecord record =
        ParsedRecord.of(Frames.ethernet().vlan(9).type(type).payload(46).bytes());
    assertThat(record.kind()).isEqualTo(PacketRecord.KIND_OTHER);
    assertThat(record.etherType()).isEqualTo(type);
    assertThat(record.flags()).isEqualTo(FLAG_VLAN);
    final byte[] mac = {2, 0, 0, 0, 7, 7};
    final byte[] other = {2, 0, 0, 0, 7, 8};
    final int there = ParsedRecord.of(Frames.ethernet().macs(mac, other).type(type).bytes()).hash();
    final int back = ParsedRecord.of(Frames.ethernet().macs(other, mac).type(type).bytes()).hash();
    assertThat(there).isEqualTo(back).isNotZero().isNotEqualTo(record.hash());
  }

  @Test
  void takesTheFrameForTheLengthThatASegmentingSenderLeftOut() {
    final byte[] ipv4 = Frames.ethernet().ipv4(A, B).tcp(1, 2, Frames.ACK).payload(100).bytes();
    ipv4[16] = 0;
    ipv4[17] = 0;
    assertFive(ParsedRecord.of(ipv4), A, B, Frames.TCP, 1, 2);
    assertThat(ParsedRecord.of(ipv4).ipLength()).isEqualTo(140);
    final byte[] ipv6 = Frames.ethernet().ipv6(A6, B6).tcp(1, 2, Frames.ACK).payload(100).bytes();
    ipv6[18] = 0;
    ipv6[19] = 0;
    assertFive(ParsedRecord.of(ipv6), A6, B6, Frames.TCP, 1, 2);
    assertThat(ParsedRecord.of(ipv6).ipLength()).isEqualTo(160);
    assertThat(ParsedRecord.of(ipv6).flags()).isZero();
  }

  @Test
  void flagsWhatContradictsItselfAndKeepsWhatIsKnown() {
    assertBad(Frames.ethernet().ipv4(A, B).udp(1, 2), 14, 0x55, PacketRecord.KIND_OTHER, 0);
    assertBad(Frames.ethernet().ipv4(A, B).udp(1, 2), 14, 0x44, PacketRecord.KIND_OTHER, 0);
    assertBad(Frames.ethernet().ipv6(A6, B6).udp(1, 2), 14, 0x50, PacketRecord.KIND_OTHER, 0);
    // A total length within the header leaves no ports; one beyond the frame does.
    assertBad(Frames.ethernet().ipv4(A, B).udp(1, 2), 17, 19, PacketRecord.KIND_IPV4, 0);
    assertBad(Frames.ethernet().ipv4(A, B).udp(1, 2), 17, 29, PacketRecord.KIND_IPV4, 1);
    assertBad(Frames.ethernet().ipv6(A6, B6).udp(1, 2), 19, 9, PacketRecord.KIND_IPV6, 1);
    // UDP shorter than its header, longer than its packet; a TCP header of 16 bytes, of 24.
    assertBad(Frames.ethernet().ipv4(A, B).udp(1, 2), 39, 7, PacketRecord.KIND_IPV4, 1);
    assertBad(Frames.ethernet().ipv4(A, B).udp(1, 2), 39, 9, PacketRecord.KIND_IPV4, 1);
    assertBad(Frames.ethernet().ipv4(A, B).tcp(1, 2, 0), 46, 0x40, PacketRecord.KIND_IPV4, 1);
    assertBad(Frames.ethernet().ipv4(A, B).tcp(1, 2, 0), 46, 0x60, PacketRecord.KIND_IPV4, 1);
  }

  /** Cut in the wire it is malformed, cut by the capture truncated; memory behind is not read. */
  @Test
  void readsNoFurtherThanItMayAtEveryLength() {
    for (byte[] frame : SampleFrames.all()) {
      final ParsedRecord whole = ParsedRecord.of(frame);
      for (int length = 0; length < frame.length; length++) {
        final ParsedRecord snapped = ParsedRecord.of(frame, length, frame.length, 0);
        assertThat(ParsedRecord.of(frame, length, frame.length, 0xff)).isEqualTo(snapped);
        assertThat(snapped.has(FLAG_MALFORMED)).as("snapped to %d", length).isFalse();
        assertThat(snapped.frameLength()).isEqualTo(frame.length);
        if (!snapped.has(FLAG_TRUNCATED)) {
          assertThat(snapped).isEqualTo(whole);
        }
        final ParsedRecord cut = ParsedRecord.of(frame, length, length, 0);
        assertThat(ParsedRecord.of(frame, length, length, 0xff)).isEqualTo(cut);
        assertThat(cut.has(FLAG_TRUNCATED)).isFalse();
        assertThat(cut.has(FLAG_MALFORMED))
            .as("%s cut to %d", whole, length)
            .isEqualTo(length < 14 || whole.kind() != PacketRecord.KIND_OTHER);
      }
    }
  }

  private static Frames fragment(boolean ipv6, int offsetBytes, boolean more) {
    final Frames frames = Frames.ethernet();
    return (ipv6 ? frames.ipv6(A6, B6) : frames.ipv4(A, B)).fragment(4711, offsetBytes, more);
  }

  private static void assertBad(Frames frames, int at, int value, int kind, int sourcePort) {
    final byte[] frame = frames.bytes();
    frame[at] = (byte) value;
    final ParsedRecord record = ParsedRecord.of(frame);
    final boolean portless = kind != PacketRecord.KIND_OTHER && sourcePort == 0;
    assertThat(record.flags())
        .as("%d at %d", value, at)
        .isEqualTo(portless ? FLAG_MALFORMED | PacketRecord.FLAG_PORTLESS : FLAG_MALFORMED);
    assertThat(record.kind()).isEqualTo(kind);
    if (kind != PacketRecord.KIND_OTHER) {
      assertThat(record.sourcePort()).as("%d at %d", value, at).isEqualTo(sourcePort);
    }
  }

  private static void assertFive(
      ParsedRecord record, String from, String to, int protocol, int fromPort, int toPort) {
    assertThat(record.sourceAddress()).isEqualTo(InetAddress.ofLiteral(from).getAddress());
    assertThat(record.destinationAddress()).isEqualTo(InetAddress.ofLiteral(to).getAddress());
    assertThat(record.protocol()).isEqualTo(protocol);
    assertThat(record.sourcePort()).isEqualTo(fromPort);
    assertThat(record.destinationPort()).isEqualTo(toPort);
  }
}
