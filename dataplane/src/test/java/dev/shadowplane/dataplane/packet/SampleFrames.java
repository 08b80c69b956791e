package dev.shadowplane.dataplane.packet;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/** One frame of every shape that the parser tells apart. */
public final class SampleFrames {
  private static final String A = "10.0.0.1";
  private static final String B = "10.9.8.7";
  private static final String A6 = "2001:db8::7:1";
  private static final String B6 = "2001:db8:1::2";

  private SampleFrames() {}

  public static List<byte[]> all() {
    return Stream.concat(plain().stream(), tunnelled().stream()).toList();
  }

  /** Those that carry another frame. */
  static List<byte[]> tunnelled() {
    return List.of(
        tunnel(4789, 0x0800_0000, Frames.ethernet().ipv4(A, B).tcp(7, 8, Frames.ACK).bytes()),
        tunnel(6081, 0x0000_6558, Frames.ethernet().ipv6(A6, B6).udp(7, 8).payload(9).bytes()));
  }

  /** The others. */
  static List<byte[]> plain() {
    return List.of(
        Frames.ethernet().ipv4(A, B).tcp(40001, 80, Frames.SYN).bytes(),
        Frames.ethernet().ipv4(B, A).tcp(80, 40001, Frames.PSH | Frames.ACK).payload(31).bytes(),
        Frames.ethernet().ipv4(A, B).udp(5000, 53).payload(12).bytes(),
        Frames.ethernet().ipv4(A, B).echo(true, 3).payload(16).bytes(),
        Frames.ethernet().ipv4(A, B).protocol(47).payload(20).bytes(),
        Frames.ethernet().ipv4(A, B).options(new byte[] {1, 1, 1, 1, 1, 1, 1, 0}).udp(6, 7).bytes(),
        Frames.ethernet().vlan(100).ipv4(A, B).tcp(1, 2, Frames.FIN | Frames.ACK).bytes(),
        Frames.ethernet().qinq(200).vlan(0xe005).ipv4(A, B).udp(3, 4).payload(2).bytes(),
        Frames.ethernet().ipv4(A, B).fragment(9, 0, true).udp(3, 4).payload(16).bytes(),
        Frames.ethernet().ipv4(A, B).fragment(9, 24, false).protocol(17).payload(5).bytes(),
        Frames.ethernet().ipv6(A6, B6).tcp(40001, 80, Frames.RST).bytes(),
        Frames.ethernet().vlan(1).ipv6(A6, B6).udp(5000, 53).payload(12).bytes(),
        Frames.ethernet().ipv6(A6, B6).echo(false, 3).payload(16).bytes(),
        Frames.ethernet()
            .ipv6(A6, B6)
            .extension(Frames.HOP_BY_HOP, 2)
            .extension(Frames.DESTINATION_OPTIONS, 1)
            .tcp(5, 6, Frames.ACK)
            .bytes(),
        Frames.ethernet()
            .ipv6(A6, B6)
            .extension(Frames.AUTHENTICATION, 3)
            .udp(5, 6)
            .payload(3)
            .bytes(),
        Frames.ethernet().ipv6(A6, B6).fragment(8, 0, true).udp(1, 2).payload(8).bytes(),
        Frames.ethernet().ipv6(A6, B6).fragment(8, 16, false).protocol(17).payload(8).bytes(),
        Frames.ethernet().type(Frames.TYPE_ARP).payload(28).bytes(),
        Frames.ethernet().type(38).payload(38).bytes());
  }

  private static byte[] tunnel(int port, int head, byte[] carried) {
    final ByteBuffer payload =
        ByteBuffer.allocate(8 + carried.length).putInt(head).putInt(77 << 8).put(carried);
    return Frames.ethernet().ipv4(A, B).udp(50_000, port).payload(payload.array()).bytes();
  }
}
