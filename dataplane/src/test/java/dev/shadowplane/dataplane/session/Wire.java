package dev.shadowplane.dataplane.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes the frames of one connection, one end at a time. */
final class Wire {
  static final int FIN = TcpSegment.FIN;
  static final int SYN = TcpSegment.SYN;
  static final int RST = TcpSegment.RST;
  static final int ACK = TcpSegment.ACK;
  static final int SERVER_PORT = 80;

  private static final int TCP_BYTES = 20;
  private static final int TCP = 6;

  private final boolean ipv6;
  private final int clientPort;
  private int identification;

  Wire(boolean ipv6, int clientPort) {
    this.ipv6 = ipv6;
    this.clientPort = clientPort;
  }

  byte[] client(int sequence, int acknowledgement, int flags, byte[] payload) {
    return frame(true, sequence, acknowledgement, flags, payload);
  }

  byte[] server(int sequence, int acknowledgement, int flags, byte[] payload) {
    return frame(false, sequence, acknowledgement, flags, payload);
  }

  private byte[] frame(
      boolean ofClient, int sequence, int acknowledgement, int flags, byte[] payload) {
    final ByteBuffer tcp = ByteBuffer.allocate(TCP_BYTES + payload.length);
    tcp.putShort((short) (ofClient ? clientPort : SERVER_PORT));
    tcp.putShort((short) (ofClient ? SERVER_PORT : clientPort));
    tcp.putInt(sequence).putInt(acknowledgement);
    tcp.put((byte) 0x50).put((byte) flags).putShort((short) 1000).putInt(0).put(payload);
    return join(ip(ofClient, tcp.array(), 0, false), tcp.array());
  }

  /** Ethernet and IP headers for a datagram's part. */
  private byte[] ip(boolean ofClient, byte[] part, int offset, boolean more) {
    final boolean fragment = more || offset > 0;
    final ByteBuffer header = ByteBuffer.allocate(ipv6 ? (fragment ? 62 : 54) : 34);
    header.position(12);
    header.putShort((short) (ipv6 ? 0x86dd : 0x0800));
    if (ipv6) {
      header.putInt(0x6000_0000).putShort((short) (part.length + (fragment ? 8 : 0)));
      header.put((byte) (fragment ? 44 : TCP)).put((byte) 64);
      header.put(address(ofClient)).put(address(!ofClient));
      if (fragment) {
        header.put((byte) TCP).put((byte) 0).putShort((short) (offset | (more ? 1 : 0)));
        header.putInt(identification);
      }
    } else {
      header.put((byte) 0x45).put((byte) 0).putShort((short) (20 + part.length));
      header.putShort((short) identification);
      header.putShort((short) ((offset / 8) | (more ? 0x2000 : 0)));
      header.put((byte) 64).put((byte) TCP).putShort((short) 0);
      header.put(address(ofClient)).put(address(!ofClient));
    }
    return header.array();
  }

  private byte[] address(boolean ofClient) {
    final byte[] address = new byte[ipv6 ? 16 : 4];
    address[0] = (byte) (ipv6 ? 0xfd : 10);
    address[address.length - 1] = (byte) (ofClient ? 1 : 2);
    return address;
  }

  /** The same frame behind a VLAN tag. */
  static byte[] tagged(byte[] frame) {
    final ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4);
    tagged.put(frame, 0, 12).putShort((short) 0x8100).putShort((short) 7);
    return tagged.put(frame, 12, frame.length - 12).array();
  }

  /** The same datagram in fragments, in any order. */
  List<byte[]> fragments(byte[] frame, boolean ofClient, RandomGenerator random) {
    identification++;
    final int header = ipv6 ? 54 : 34;
    final byte[] datagram = Arrays.copyOfRange(frame, header, frame.length);
    final List<byte[]> fragments = new ArrayList<>();
    int at = 0;
    while (at < datagram.length) {
      final int length = Math.min(datagram.length - at, 8 * (1 + random.nextInt(20)));
      final byte[] part = Arrays.copyOfRange(datagram, at, at + length);
      final boolean more = at + length < datagram.length;
      fragments.add(random.nextInt(fragments.size() + 1), join(ip(ofClient, part, at, more), part));
      at += length;
    }
    return fragments;
  }

  private static byte[] join(byte[] first, byte[] second) {
    final byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
