package dev.shadowplane.dataplane.packet;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds frames from the outside in: {@code Frames.ethernet().vlan(7).ipv4("10.0.0.1",
 * "10.0.0.2").tcp(4000, 80, Frames.SYN).payload(100).bytes()}. Lengths and check sums are right
 * unless a test writes over them.
 */
public final class Frames {
  public static final int FIN = 0x01;
  public static final int SYN = 0x02;
  public static final int RST = 0x04;
  public static final int PSH = 0x08;
  public static final int ACK = 0x10;

  public static final int TYPE_IPV4 = 0x0800;
  public static final int TYPE_ARP = 0x0806;
  public static final int TYPE_IPV6 = 0x86dd;
  public static final int TYPE_VLAN = 0x8100;
  public static final int TYPE_QINQ = 0x88a8;

  public static final int ICMP = 1;
  public static final int IGMP = 2;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int HOP_BY_HOP = 0;
  public static final int ROUTING = 43;
  public static final int FRAGMENT = 44;
  public static final int AUTHENTICATION = 51;
  public static final int ICMPV6 = 58;
  public static final int DESTINATION_OPTIONS = 60;

  private record Tag(int type, int tci) {}

  private record Extension(int type, ByteBuffer content) {}

  private final List<Tag> tags = new ArrayList<>();
  private final List<Extension> extensions = new ArrayList<>();
  private byte[] destinationMac = {2, 0, 0, 0, 0, 2};
  private byte[] sourceMac = {2, 0, 0, 0, 0, 1};
  private int etherType;
  private byte @Nullable [] source;
  private byte[] destination = {};
  private byte[] options = {};
  private int tos;
  private int hopLimit = 64;
  private int identification;
  private int fragment;
  private int protocol = 59;
  private byte[] header = {};
  private byte[] payload = {};

  private Frames() {}

  /** An untagged Ethernet frame. */
  public static Frames ethernet() {
    return new Frames();
  }

  /** Sets both MAC addresses, 6 bytes each. */
  public Frames macs(byte[] source, byte[] destination) {
    sourceMac = source.clone();
    destinationMac = destination.clone();
    return this;
  }

  /** Adds an IEEE 802.1Q tag inside those before. */
  public Frames vlan(int tci) {
    return tag(TYPE_VLAN, tci);
  }

  /** Adds an IEEE 802.1ad service tag inside those before. */
  public Frames qinq(int tci) {
    return tag(TYPE_QINQ, tci);
  }

  /** Adds a tag of any type. */
  public Frames tag(int type, int tci) {
    tags.add(new Tag(type, tci));
    return this;
  }

  /** Makes it a frame of another EtherType, whose payload follows the Ethernet header. */
  public Frames type(int type) {
    etherType = type;
    return this;
  }

  /** Adds an IPv4 header. */
  public Frames ipv4(String from, String to) {
    etherType = TYPE_IPV4;
    source = address(from);
    destination = address(to);
    return this;
  }

  /** Adds an IPv6 header. */
  public Frames ipv6(String from, String to) {
    etherType = TYPE_IPV6;
    source = address(from);
    destination = address(to);
    return this;
  }

  /** Sets the options of the IPv4 header, a multiple of 4 bytes up to 40. */
  public Frames options(byte[] bytes) {
    options = bytes.clone();
    return this;
  }

  /** Adds an IPv6 extension header after those before; 8 bytes times {@code units}, zeros. */
  public Frames extension(int type, int units) {
    final byte[] content = new byte[8 * units];
    // The authentication header counts in words of four bytes less two (RFC 4302).
    content[1] = (byte) (type == AUTHENTICATION ? 2 * units - 2 : units - 1);
    if (type == HOP_BY_HOP || type == DESTINATION_OPTIONS) {
      content[2] = 1;
      content[3] = 4;
      for (int i = 1; i < units; i++) {
        content[8 * i] = 1;
        content[8 * i + 1] = 6;
      }
    }
    extensions.add(new Extension(type, ByteBuffer.wrap(content)));
    return this;
  }

  /**
   * Makes it a fragment: in the IPv4 header, or by an IPv6 fragment header after the extensions so
   * far. The payload is what this fragment carries; only with offset 0 an upper header precedes it.
   *
   * @param identification of the datagram
   * @param offsetBytes a multiple of 8
   * @param more whether more follow
   */
  public Frames fragment(int identification, int offsetBytes, boolean more) {
    this.identification = identification;
    fragment = offsetBytes / 8 | (more ? 0x2000 : 0);
    if (etherType == TYPE_IPV6) {
      final ByteBuffer content = ByteBuffer.allocate(8);
      content.putShort(2, (short) (offsetBytes | (more ? 1 : 0))).putInt(4, identification);
      extensions.add(new Extension(FRAGMENT, content));
    }
    return this;
  }

  /** Adds a TCP header of 20 bytes. */
  public Frames tcp(int sourcePort, int destinationPort, int flags) {
    return tcp(sourcePort, destinationPort, flags, 1, (flags & ACK) != 0 ? 1 : 0);
  }

  /** Adds a TCP header of 20 bytes with numbers. */
  public Frames tcp(
      int sourcePort, int destinationPort, int flags, int sequence, int acknowledgement) {
    protocol = TCP;
    header =
        ByteBuffer.allocate(20)
            .putShort((short) sourcePort)
            .putShort((short) destinationPort)
            .putInt(sequence)
            .putInt(acknowledgement)
            .put((byte) 0x50)
            .put((byte) flags)
            .putShort((short) 0xffff)
            .array();
    return this;
  }

  /** Adds a UDP header. */
  public Frames udp(int sourcePort, int destinationPort) {
    protocol = UDP;
    header =
        ByteBuffer.allocate(8)
            .putShort((short) sourcePort)
            .putShort((short) destinationPort)
            .array();
    return this;
  }

  /** Adds an ICMP or ICMPv6 echo request or answer. */
  public Frames echo(boolean request, int identifier) {
    final boolean ipv4 = etherType == TYPE_IPV4;
    protocol = ipv4 ? ICMP : ICMPV6;
    final int type = ipv4 ? (request ? 8 : 0) : (request ? 128 : 129);
    header = ByteBuffer.allocate(8).put(0, (byte) type).putShort(4, (short) identifier).array();
    return this;
  }

  /**
   * Adds a message of ICMP, ICMPv6 or IGMP, whose checksum is put into its third and fourth byte.
   */
  public Frames message(int number, byte[] bytes) {
    protocol = number;
    header = bytes.clone();
    return this;
  }

  /** Sets the protocol number of whatever the payload is. */
  public Frames protocol(int number) {
    protocol = number;
    header = new byte[0];
    return this;
  }

  /** Adds so many bytes of payload, counting up. */
  public Frames payload(int lengthBytes) {
    payload = new byte[lengthBytes];
    for (int i = 0; i < lengthBytes; i++) {
      payload[i] = (byte) i;
    }
    return this;
  }

  /** Sets the payload. */
  public Frames payload(byte[] bytes) {
    payload = bytes.clone();
    return this;
  }

  /** The frame, without check sequence and not padded. */
  public byte[] bytes() {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(destinationMac);
    out.writeBytes(sourceMac);
    for (Tag tag : tags) {
      out.writeBytes(shorts(tag.type, tag.tci));
    }
    out.writeBytes(shorts(etherType));
    final byte[] from = source;
    if (from == null) {
      out.writeBytes(payload);
    } else {
      final byte[] upper = upper(from);
      out.writeBytes(etherType == TYPE_IPV4 ? ipv4Header(from, upper) : ipv6Header(from, upper));
      out.writeBytes(upper);
    }
    return out.toByteArray();
  }

  private byte[] upper(byte[] from) {
    final byte[] upper = new byte[header.length + payload.length];
    System.arraycopy(header, 0, upper, 0, header.length);
    System.arraycopy(payload, 0, upper, header.length, payload.length);
    if (header.length == 0) {
      return upper;
    }
    final ByteBuffer buffer = ByteBuffer.wrap(upper);
    if (protocol == UDP) {
      buffer.putShort(4, (short) upper.length);
    }
    final ByteBuffer pseudo = ByteBuffer.allocate(40 + upper.length);
    if (protocol != ICMP && protocol != IGMP) {
      pseudo.put(from).put(destination).putInt(upper.length).putInt(protocol);
    }
    final int sum = checksum(pseudo.put(upper).array());
    buffer.putShort(
        switch (protocol) {
          case TCP -> 16;
          case UDP -> 6;
          default -> 2;
        },
        (short) (protocol == UDP && sum == 0 ? 0xffff : sum));
    return upper;
  }

  /** Sets the DS field of IPv4, the traffic class of IPv6. */
  public Frames tos(int value) {
    tos = value;
    return this;
  }

  /** Sets the time to live of IPv4, the hop limit of IPv6; 64 without. */
  public Frames hopLimit(int value) {
    hopLimit = value;
    return this;
  }

  /** Sets the window of the TCP header before; 65,535 without. */
  public Frames window(int value) {
    ByteBuffer.wrap(header).putShort(14, (short) value);
    return this;
  }

  private byte[] ipv4Header(byte[] from, byte[] upper) {
    final ByteBuffer ip = ByteBuffer.allocate(20 + options.length);
    ip.put((byte) (0x40 | ip.capacity() / 4)).put((byte) tos);
    ip.putShort((short) (ip.capacity() + upper.length)).putShort((short) identification);
    ip.putShort((short) fragment).put((byte) hopLimit).put((byte) protocol).putShort((short) 0);
    ip.put(from).put(destination).put(options);
    ip.putShort(10, (short) checksum(ip.array()));
    return ip.array();
  }

  private byte[] ipv6Header(byte[] from, byte[] upper) {
    int length = upper.length;
    for (Extension extension : extensions) {
      length += extension.content.capacity();
    }
    final ByteBuffer ip = ByteBuffer.allocate(40 + length - upper.length);
    ip.putInt(0x6000_0000 | tos << 20)
        .putShort((short) length)
        .put((byte) next(0))
        .put((byte) hopLimit);
    ip.put(from).put(destination);
    for (int i = 0; i < extensions.size(); i++) {
      ip.put(extensions.get(i).content.duplicate());
      ip.put(ip.position() - extensions.get(i).content.capacity(), (byte) next(i + 1));
    }
    return ip.array();
  }

  private int next(int extension) {
    return extension < extensions.size() ? extensions.get(extension).type : protocol;
  }

  private static int checksum(byte[] bytes) {
    int sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      sum += (bytes[i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return ~sum & 0xffff;
  }

  private static byte[] shorts(int... values) {
    final ByteBuffer buffer = ByteBuffer.allocate(2 * values.length);
    for (int value : values) {
      buffer.putShort((short) value);
    }
    return buffer.array();
  }

  private static byte[] address(String literal) {
    return InetAddress.ofLiteral(literal).getAddress();
  }
}
