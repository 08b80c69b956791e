package dev.shadowplane.dataplane.worker;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames that take the parser, the classifier and the targets through every branch, in a mix like
 * that of real traffic: the compiler inlines what is frequent here.
 */
final class WarmUpFrames {
  private static final int ETHERNET_IPV4 = 0x0800;
  private static final int ETHERNET_IPV6 = 0x86dd;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private WarmUpFrames() {}

  private static final int PLAIN_AMONG_OTHERS = 12;

  static List<byte[]> all() {
    final List<byte[]> mixed = new ArrayList<>();
    for (byte[] frame : unusual()) {
      for (int i = 0; i < PLAIN_AMONG_OTHERS; i++) {
        final int flow = mixed.size() % 16;
        final boolean back = i % 4 < 2;
        mixed.add(
            ethernet(
                ETHERNET_IPV4,
                i % 2 == 0
                    ? ipv4(TCP, 0, tcp(flow, back, 0x10), back)
                    : ipv4(UDP, 0, udp(flow, back, 26), back)));
      }
      mixed.add(frame);
    }
    return mixed;
  }

  private static List<byte[]> unusual() {
    final List<byte[]> frames = new ArrayList<>();
    for (int flow = 0; flow < 16; flow++) {
      final boolean back = (flow & 1) != 0;
      frames.add(ethernet(ETHERNET_IPV6, ipv6(TCP, tcp(flow, back, 0x18), back)));
      frames.add(ethernet(ETHERNET_IPV6, ipv6(UDP, udp(flow, back, 12), back)));
      frames.add(vlan(0x8100, 100, ETHERNET_IPV4, ipv4(TCP, 0, tcp(flow, back, 2), back)));
    }
    final byte[] tcp = tcp(1, false, 2);
    final byte[] udp = udp(1, false, 12);
    frames.add(vlan(0x88a8, 7, 0x8100, tag(8, ETHERNET_IPV6, ipv6(UDP, udp, false))));
    frames.add(ethernet(ETHERNET_IPV4, ipv4(UDP, 0x2000, udp, false)));
    frames.add(ethernet(ETHERNET_IPV4, ipv4(UDP, 0x0010, udp, false)));
    frames.add(ethernet(ETHERNET_IPV4, ipv4(1, 0, new byte[8], false)));
    frames.add(ethernet(ETHERNET_IPV4, ipv4(TCP, 0, new byte[20], false)));
    frames.add(ethernet(ETHERNET_IPV4, ipv4(UDP, 0, udp(1, false, 2), false)));
    for (int next : new int[] {0, 43, 44, 51, 60, 135}) {
      frames.add(ethernet(ETHERNET_IPV6, ipv6(next, extension(TCP, tcp), false)));
    }
    frames.add(ethernet(ETHERNET_IPV6, ipv6(44, extension(UDP, 0x0100, udp), false)));
    frames.add(tunnelled(4_789, 0x0800_0000, ethernet(ETHERNET_IPV4, ipv4(TCP, 0, tcp, false))));
    frames.add(tunnelled(6_081, 0x0000_6558, ethernet(ETHERNET_IPV6, ipv6(UDP, udp, true))));
    frames.add(tunnelled(6_081, 0x4000_6558, new byte[8]));
    frames.add(tunnelled(4_789, 0x0800_0000, new byte[8]));
    frames.add(ethernet(0x0806, new byte[28]));
    frames.add(ethernet(46, new byte[46]));
    final byte[] whole = ethernet(ETHERNET_IPV6, ipv6(TCP, tcp, false));
    for (int length = 1; length < whole.length; length += 3) {
      frames.add(java.util.Arrays.copyOf(whole, length));
    }
    frames.add(ethernet(ETHERNET_IPV4, new byte[60]));
    frames.add(ethernet(ETHERNET_IPV6, new byte[60]));
    frames.add(ethernet(ETHERNET_IPV4, ipv4(TCP, 0, new byte[1400], false)));
    return frames;
  }

  private static byte[] ethernet(int type, byte[] payload) {
    return ByteBuffer.allocate(14 + payload.length)
        .putLong(0x0200_0000_0001_0200L)
        .putInt(0x0000_0002)
        .putShort((short) type)
        .put(payload)
        .array();
  }

  private static byte[] tunnelled(int port, int flags, byte[] inner) {
    return ethernet(
        ETHERNET_IPV4,
        ipv4(
            UDP,
            0,
            ByteBuffer.allocate(16 + inner.length)
                .putShort((short) 50_000)
                .putShort((short) port)
                .putInt((16 + inner.length) << 16)
                .putInt(flags)
                .putInt(7 << 8)
                .put(inner)
                .array(),
            false));
  }

  private static byte[] vlan(int tpid, int vid, int type, byte[] payload) {
    return ethernet(tpid, tag(vid, type, payload));
  }

  private static byte[] tag(int vid, int type, byte[] payload) {
    return ByteBuffer.allocate(4 + payload.length)
        .putShort((short) vid)
        .putShort((short) type)
        .put(payload)
        .array();
  }

  private static byte[] ipv4(int protocol, int fragment, byte[] payload, boolean back) {
    return ByteBuffer.allocate(20 + payload.length)
        .putShort((short) 0x4500)
        .putShort((short) (20 + payload.length))
        .putShort((short) 1)
        .putShort((short) fragment)
        .putShort((short) (64 << 8 | protocol))
        .putShort((short) 0)
        .putInt(back ? 0x0a00_0002 : 0x0a00_0001)
        .putInt(back ? 0x0a00_0001 : 0x0a00_0002)
        .put(payload)
        .array();
  }

  private static byte[] ipv6(int next, byte[] payload, boolean back) {
    return ByteBuffer.allocate(40 + payload.length)
        .putInt(0x6000_0000)
        .putShort((short) payload.length)
        .putShort((short) (next << 8 | 64))
        .putLong(0xfd00_0000_0000_0000L)
        .putLong(back ? 2 : 1)
        .putLong(0xfd00_0000_0000_0000L)
        .putLong(back ? 1 : 2)
        .put(payload)
        .array();
  }

  private static byte[] extension(int next, byte[] payload) {
    return extension(next, 0, payload);
  }

  private static byte[] extension(int next, int fragment, byte[] payload) {
    return ByteBuffer.allocate(8 + payload.length)
        .putShort((short) (next << 8))
        .putShort((short) fragment)
        .putInt(0)
        .put(payload)
        .array();
  }

  private static byte[] tcp(int flow, boolean back, int flags) {
    final int port = 40_000 + flow;
    return ByteBuffer.allocate(24)
        .putShort((short) (back ? 80 : port))
        .putShort((short) (back ? port : 80))
        .putLong(0)
        .putShort((short) (5 << 12 | flags))
        .array();
  }

  private static byte[] udp(int flow, boolean back, int length) {
    final int port = 50_000 + flow;
    return ByteBuffer.allocate(Math.max(length, 12))
        .putShort((short) (back ? 53 : port))
        .putShort((short) (back ? port : 53))
        .putShort((short) length)
        .array();
  }
}
