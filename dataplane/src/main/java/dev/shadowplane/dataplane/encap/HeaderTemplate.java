package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.CollectorConfig.TooLong;
import dev.shadowplane.dataplane.config.Encapsulation;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an {@link OuterHeader} that are the same for every frame; what varies is 0. MAC
 * addresses come first, the receiver's 0 as well. Immutable.
 */
final class HeaderTemplate {
  /** The IPv6 fragment header (RFC 8200, section 4.5). */
  static final int FRAGMENT = 44;

  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int TYPE_VLAN = 0x8100;
  private static final int TYPE_IPV4 = 0x0800;
  private static final int TYPE_IPV6 = 0x86dd;
  private static final int DO_NOT_FRAGMENT = 0x4000;
  private static final int UDP = 17;
  private static final int GRE = 47;

  private static final int VXLAN_FLAGS = 0x0800_0000;
  private static final int TYPE_BRIDGED = 0x6558;
  private static final int TYPE_ERSPAN2 = 0x88be;
  private static final int TYPE_ERSPAN3 = 0x22eb;
  private static final int GRE_KEY = 0x2000;
  private static final int GRE_SEQUENCE = 0x1000;

  /** Version 1 of type II, and that a tag stays in the frame. */
  private static final int ERSPAN2_WORD = 1 << 28;

  private static final int ERSPAN2_TAG_KEPT = 3 << 11;
  private static final int ERSPAN3_WORD = 2 << 28;
  private static final int ERSPAN_TRUNCATED = 1 << 10;

  /** An Ethernet frame, received, time in units of 100 ns. */
  private static final int ERSPAN3_LAST_WORD = (1 << 15) | (1 << 1);

  private final CollectorConfig config;
  private final byte[] bytes;
  private final int linkBytes;
  private final int tunnelBytes;

  HeaderTemplate(CollectorConfig config, long sourceMac) {
    this.config = config;
    final ByteBuffer buffer = ByteBuffer.allocate(OuterHeader.MAX_BYTES);
    buffer.position(6).putShort((short) (sourceMac >>> 32)).putInt((int) sourceMac);
    final @Nullable Integer vlan = config.vlan();
    if (vlan != null) {
      buffer.putShort((short) TYPE_VLAN).putShort((short) (int) vlan);
    }
    buffer.putShort((short) (config.isIpv6() ? TYPE_IPV6 : TYPE_IPV4));
    linkBytes = buffer.position();
    ip(buffer);
    final int before = buffer.position();
    tunnel(buffer);
    tunnelBytes = buffer.position() - before;
    bytes = Arrays.copyOf(buffer.array(), buffer.position());
  }

  private void ip(ByteBuffer buffer) {
    if (config.isIpv6()) {
      buffer.putInt(ipv6FirstWord()).putShort((short) 0);
      buffer.put((byte) protocol()).put((byte) config.ttl());
    } else {
      buffer.put((byte) 0x45).put((byte) (config.dscp() << 2)).putInt(0);
      buffer.putShort((short) (config.tooLong() == TooLong.FRAGMENT ? 0 : DO_NOT_FRAGMENT));
      buffer.put((byte) config.ttl()).put((byte) protocol()).putShort((short) 0);
    }
    buffer.put(config.source().getAddress()).put(config.destination().getAddress());
  }

  private void tunnel(ByteBuffer buffer) {
    final int id = (int) config.id();
    switch (config.encapsulation()) {
      case VXLAN -> udp(buffer).putInt(VXLAN_FLAGS).putInt(id << 8);
      case GENEVE -> udp(buffer).putInt(TYPE_BRIDGED).putInt(id << 8);
      case GRE -> {
        final boolean keyed = config.id() != CollectorConfig.NO_ID;
        buffer.putShort((short) (keyed ? GRE_KEY : 0)).putShort((short) TYPE_BRIDGED);
        if (keyed) {
          buffer.putInt(id);
        }
      }
      case ERSPAN2 ->
          buffer
              .putShort((short) GRE_SEQUENCE)
              .putShort((short) TYPE_ERSPAN2)
              .position(buffer.position() + 12);
      case ERSPAN3 ->
          buffer
              .putShort((short) GRE_SEQUENCE)
              .putShort((short) TYPE_ERSPAN3)
              .position(buffer.position() + 16);
    }
  }

  private ByteBuffer udp(ByteBuffer buffer) {
    return buffer.putShort((short) 0).putShort((short) config.udpPort()).putInt(0);
  }

  /** All of them. */
  byte[] bytes() {
    return bytes.clone();
  }

  /** How long the IP header is. */
  int ipBytes() {
    return config.isIpv6() ? IPV6_BYTES : IPV4_BYTES;
  }

  /** How long the header of the encapsulation is, with UDP's. */
  int tunnelBytes() {
    return tunnelBytes;
  }

  Encapsulation encapsulation() {
    return config.encapsulation();
  }

  /** What the IP header says it carries. */
  int protocol() {
    return config.udpPort() == 0 ? GRE : UDP;
  }

  /** Whether frames bear numbers and times. */
  boolean isSequenced() {
    return config.encapsulation() == Encapsulation.ERSPAN2
        || config.encapsulation() == Encapsulation.ERSPAN3;
  }

  /** The sum of the 16-bit words of the IPv4 header, folded; not that of IPv6. */
  int ipSum() {
    int sum = 0;
    for (int i = 0; !config.isIpv6() && i < IPV4_BYTES; i += 2) {
      sum += ByteBuffer.wrap(bytes).getShort(linkBytes + i) & 0xffff;
    }
    return (sum & 0xffff) + (sum >>> 16);
  }

  /** Version and traffic class of IPv6, without a flow label. */
  int ipv6FirstWord() {
    return 0x6000_0000 | (config.dscp() << 22);
  }

  /** Version, VLAN, class of service, session of either ERSPAN header. */
  int erspanFirstWord(int tci, boolean truncated) {
    final boolean second = config.encapsulation() == Encapsulation.ERSPAN2;
    int word = (second ? ERSPAN2_WORD : ERSPAN3_WORD) | (int) config.id();
    if (tci != HeaderOffsets.NONE) {
      word |= ((tci & 0xfff) << 16) | (tci & 0xe000) | (second ? ERSPAN2_TAG_KEPT : 0);
    }
    return truncated ? word | ERSPAN_TRUNCATED : word;
  }

  /** Group tag, kind of frame, hardware identifier and granularity of ERSPAN III. */
  int erspan3LastWord(int ingressPort) {
    return ERSPAN3_LAST_WORD | ((ingressPort & 0x3f) << 4);
  }
}
