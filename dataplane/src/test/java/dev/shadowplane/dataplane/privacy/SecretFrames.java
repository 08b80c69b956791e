package dev.shadowplane.dataplane.privacy;

import dev.shadowplane.dataplane.packet.Frames;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A frame for every place where an address may stand, all of them from one list of secrets. */
final class SecretFrames {
  static final String A = "203.113.77.91";
  static final String B = "198.87.65.43";
  static final String C = "172.29.83.97";
  static final String A6 = "2a07:d1b8:a1b2:c3d4:e5f6:a7b8:c9da:ebfc";
  static final String B6 = "2a07:d1b8:7162:5344:3516:2718:94a5:b6c7";
  static final String C6 = "2a03:91c5:1928:3746:5564:7382:91a0:bfce";
  static final byte[] MAC_A = HexFormat.of().parseHex("52549abcdef1");
  static final byte[] MAC_B = HexFormat.of().parseHex("525413579bdf");
  private static final List<String> ADDRESSES = List.of(A, B, C, A6, B6, C6);

  private SecretFrames() {}

  /** Each under a name. */
  static Map<String, byte[]> all() {
    final Map<String, byte[]> frames = new LinkedHashMap<>();
    frames.put("tcp", ip().tcp(40001, 80, Frames.ACK).payload(100).bytes());
    frames.put("udp", ip().udp(5000, 53).payload(33).bytes());
    frames.put("echo", ip().echo(true, 7).payload(56).bytes());
    frames.put("tcp6", ip6().tcp(40001, 80, Frames.ACK).payload(101).bytes());
    frames.put("udp6", ip6().udp(5000, 53).payload(12).bytes());
    frames.put("echo6", ip6().echo(false, 7).payload(57).bytes());
    frames.put("tags", start().qinq(5).vlan(6).ipv4(A, B).udp(1, 2).payload(9).bytes());
    frames.put("route", ip().options(route()).udp(1, 2).payload(9).bytes());
    frames.put("extensions", extensions());
    frames.put("arp", start().type(Frames.TYPE_ARP).payload(arp()).bytes());
    frames.put("unreachable", ip().message(1, quote(3, inner4())).bytes());
    frames.put("redirect", ip().message(1, redirect()).bytes());
    frames.put("too-big", ip6().message(58, quote(2, inner6())).bytes());
    frames.put("solicitation", ip6().message(58, neighbour(135, 1)).bytes());
    frames.put("advertisement", ip6().message(58, neighbour(136, 2)).bytes());
    frames.put("redirect6", ip6().message(58, redirect6()).bytes());
    frames.put("router", ip6().message(58, router()).bytes());
    frames.put("listeners", ip6().message(58, listeners()).bytes());
    frames.put("igmp", ip().message(2, groups()).bytes());
    frames.put("vxlan", ip().udp(5, 4789).payload(bytes("0800000000002a00", frame4())).bytes());
    frames.put("geneve", ip6().udp(5, 6081).payload(bytes("0000655800002a00", frame6())).bytes());
    frames.put("gre", ip().protocol(47).payload(bytes("20000800000000ff", inner4())).bytes());
    frames.put("erspan", ip().protocol(47).payload(erspan()).bytes());
    frames.put("ip-in-ip", ip().protocol(41).payload(inner6()).bytes());
    frames.put("mpls", start().type(0x8847).payload(bytes("00010040000201ff", inner4())).bytes());
    frames.put("pppoe", start().type(0x8864).payload(pppoe()).bytes());
    return frames;
  }

  static byte[] named(String name) {
    return Objects.requireNonNull(all().get(name), name);
  }

  /** Every run of bytes that must not be found: whole IPv4 addresses, and parts of longer ones. */
  static List<byte[]> secrets() {
    final List<byte[]> secrets = new ArrayList<>();
    for (String text : ADDRESSES) {
      final byte[] address = address(text);
      if (address.length == 4) {
        secrets.add(address);
      } else {
        for (int i = 4; i <= 12; i += 4) {
          secrets.add(Arrays.copyOfRange(address, i, i + 4));
        }
      }
    }
    for (byte[] mac : List.of(MAC_A, MAC_B)) {
      secrets.add(Arrays.copyOfRange(mac, 2, 6));
    }
    return secrets;
  }

  private static Frames start() {
    return Frames.ethernet().macs(MAC_A, MAC_B);
  }

  private static Frames ip() {
    return start().ipv4(A, B);
  }

  private static Frames ip6() {
    return start().ipv6(A6, B6);
  }

  private static byte[] frame4() {
    return Frames.ethernet().macs(MAC_B, MAC_A).ipv4(C, A).udp(9, 10).payload(19).bytes();
  }

  private static byte[] frame6() {
    return Frames.ethernet().macs(MAC_B, MAC_A).ipv6(C6, A6).tcp(9, 10, 2).payload(20).bytes();
  }

  private static byte[] inner4() {
    return tail(frame4());
  }

  private static byte[] inner6() {
    return tail(frame6());
  }

  private static byte[] tail(byte[] frame) {
    return Arrays.copyOfRange(frame, 14, frame.length);
  }

  /** A recorded route whose addresses lie at odd offsets, and time stamps with addresses. */
  private static byte[] route() {
    final ByteBuffer options = ByteBuffer.allocate(28);
    options.put((byte) 7).put((byte) 11).put((byte) 12).put(address(A)).put(address(C));
    options.put((byte) 1);
    options.put((byte) 68).put((byte) 12).put((byte) 13).put((byte) 1);
    options.put(address(C)).putInt(1234);
    return options.array();
  }

  /** A segment routing header with two segments; the last one, which comes first, is B6. */
  private static byte[] extensions() {
    final byte[] segments = new byte[40];
    final ByteBuffer routing = ByteBuffer.wrap(segments);
    routing.put(1, (byte) 4).put(2, (byte) 4).put(3, (byte) 1).put(4, (byte) 1);
    routing.put(8, address(B6)).put(24, address(C6));
    final byte[] frame =
        start().ipv6(A6, B6).extension(Frames.ROUTING, 5).udp(1, 2).payload(21).bytes();
    final ByteBuffer packet = ByteBuffer.wrap(frame);
    packet.put(14 + 40 + 1, segments, 1, 39);
    // On its way to the other segment: the checksum is that for the last one.
    packet.put(14 + 24, address(C6));
    return frame;
  }

  private static byte[] arp() {
    return bytes("0001080006040001", MAC_A, address(A), MAC_B, address(B), new byte[18]);
  }

  private static byte[] quote(int type, byte[] packet) {
    return bytes(String.format("%02x04000000000000", type), packet);
  }

  private static byte[] redirect() {
    return bytes("05010000", address(C), inner4());
  }

  private static byte[] neighbour(int type, int option) {
    return bytes(
        String.format("%02x00000000000000", type),
        address(C6),
        bytes(String.format("%02x01", option), MAC_A));
  }

  private static byte[] redirect6() {
    final byte[] quoted = inner6();
    final byte[] padded = new byte[(8 + quoted.length + 7) / 8 * 8];
    System.arraycopy(quoted, 0, padded, 8, quoted.length);
    padded[0] = 4;
    padded[1] = (byte) (padded.length / 8);
    return bytes("8900000000000000", address(C6), address(A6), bytes("0201", MAC_B), padded);
  }

  private static byte[] router() {
    return bytes(
        "86000000400007080000000000000000",
        bytes("0101", MAC_A),
        bytes("030440c0000151800000384000000000", Arrays.copyOf(address(C6), 8)),
        new byte[8],
        bytes("190300000000ffff", address(C6)),
        bytes("1802400000000fff", Arrays.copyOf(address(A6), 8)));
  }

  private static byte[] listeners() {
    return bytes(
        "8f00000000000001", bytes("01000002"), address("ff02::1:3"), address(C6), address(A6));
  }

  private static byte[] groups() {
    return bytes("2200000000000001", bytes("01000001"), address("239.1.2.3"), address(C));
  }

  private static byte[] erspan() {
    return bytes("100088be00000001", bytes("1000000100000000"), frame4());
  }

  private static byte[] pppoe() {
    final byte[] packet = inner4();
    return bytes(String.format("11000001%04x0021", packet.length + 2), packet);
  }

  static byte[] address(String literal) {
    return InetAddress.ofLiteral(literal).getAddress();
  }

  private static byte[] bytes(String hex, byte[]... parts) {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HexFormat.of().parseHex(hex));
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
