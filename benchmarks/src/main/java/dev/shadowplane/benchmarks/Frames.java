package dev.shadowplane.benchmarks;

import java.nio.ByteBuffer;

/**
 * Frames to measure with. Every flow has addresses and ports of its own; checksums of IPv4 headers
 * are right, those of UDP are absent and those of TCP 0, as nothing measured here reads them.
 */
public final class Frames {
  /** The most flows that can be told apart. */
  public static final int MAX_FLOWS = 1 << 24;

  private static final int ETHERNET_BYTES = 14;
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int UDP_BYTES = 8;
  private static final int TYPE_IPV4 = 0x0800;
  private static final int TYPE_IPV6 = 0x86dd;
  private static final int TYPE_VLAN = 0x8100;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ACK = 0x10;

  private Frames() {}

  /**
   * UDP over IPv4.
   *
   * @param flow 0 to {@link #MAX_FLOWS} - 1
   * @param lengthBytes of the frame without its check sequence, at least 42
   * @return the frame
   */
  public static byte[] udp4(int flow, int lengthBytes) {
    final ByteBuffer frame = ethernet(lengthBytes, TYPE_IPV4);
    ipv4(frame, flow, UDP);
    return udp(frame, flow);
  }

  /**
   * A segment of TCP over IPv4.
   *
   * @param flow as for {@link #udp4}
   * @param lengthBytes as for {@link #udp4}, at least 54
   * @return the frame
   */
  public static byte[] tcp4(int flow, int lengthBytes) {
    final ByteBuffer frame = ethernet(lengthBytes, TYPE_IPV4);
    ipv4(frame, flow, TCP);
    return tcp(frame, flow);
  }

  /**
   * UDP over IPv6.
   *
   * @param flow as for {@link #udp4}
   * @param lengthBytes as for {@link #udp4}, at least 62
   * @return the frame
   */
  public static byte[] udp6(int flow, int lengthBytes) {
    final ByteBuffer frame = ethernet(lengthBytes, TYPE_IPV6);
    final int payloadBytes = lengthBytes - ETHERNET_BYTES - IPV6_BYTES;
    frame.putInt(0x6000_0000).putShort((short) payloadBytes);
    frame.put((byte) UDP).put((byte) 64);
    frame.putLong(0xfd00L << 48).putLong(flow).putLong(0xfd01L << 48).putLong(1);
    return udp(frame, flow);
  }

  /**
   * The same frame with an 802.1Q tag.
   *
   * @param frame untagged
   * @param vlan 1 to 4,094
   * @return a frame of four bytes more
   */
  public static byte[] tagged(byte[] frame, int vlan) {
    return ByteBuffer.allocate(frame.length + 4)
        .put(frame, 0, 12)
        .putShort((short) TYPE_VLAN)
        .putShort((short) vlan)
        .put(frame, 12, frame.length - 12)
        .array();
  }

  /**
   * A frame whose IPv4 header claims more than the frame holds.
   *
   * @param flow as for {@link #udp4}
   * @return 64 bytes
   */
  public static byte[] malformed(int flow) {
    final byte[] frame = udp4(flow, 64);
    ByteBuffer.wrap(frame).putShort(ETHERNET_BYTES + 2, (short) 1_500);
    return frame;
  }

  private static ByteBuffer ethernet(int lengthBytes, int type) {
    return ByteBuffer.allocate(lengthBytes)
        .putLong(0x0200_0000_0002_0200L)
        .putInt(0x0000_0001)
        .putShort((short) type);
  }

  private static void ipv4(ByteBuffer frame, int flow, int protocol) {
    final int start = frame.position();
    frame.putShort((short) 0x4500).putShort((short) (frame.limit() - start));
    frame.putInt(0).put((byte) 64).put((byte) protocol).putShort((short) 0);
    frame.putInt(0x0a00_0000 + flow).putInt(0xc0a8_0001);
    int sum = 0;
    for (int i = start; i < start + IPV4_BYTES; i += Short.BYTES) {
      sum += frame.getShort(i) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    frame.putShort(start + 10, (short) ~(sum + (sum >>> 16)));
  }

  private static byte[] udp(ByteBuffer frame, int flow) {
    final int lengthBytes = frame.remaining();
    if (lengthBytes < UDP_BYTES) {
      throw new IllegalArgumentException(frame.limit() + " bytes are too few for a UDP frame");
    }
    return bytes(
        frame
            .putShort((short) sourcePort(flow))
            .putShort((short) 53)
            .putShort((short) lengthBytes));
  }

  private static byte[] tcp(ByteBuffer frame, int flow) {
    return bytes(
        frame
            .putShort((short) sourcePort(flow))
            .putShort((short) 443)
            .putLong(0)
            .put((byte) 0x50)
            .put((byte) ACK));
  }

  private static byte[] bytes(ByteBuffer frame) {
    final byte[] bytes = new byte[frame.capacity()];
    frame.get(0, bytes);
    return bytes;
  }

  private static int sourcePort(int flow) {
    return 1_024 + flow % 60_000;
  }
}
