package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;

/**
 * Reads the header of VXLAN (RFC 7348) or Geneve (RFC 8926) behind UDP to the assigned port. No
 * frame makes it fail. Allocates nothing; one thread.
 */
public final class TunnelHeader {
  /** The port of VXLAN. */
  public static final int VXLAN_PORT = 4789;

  /** The port of Geneve. */
  public static final int GENEVE_PORT = 6081;

  /** No tunnel. */
  public static final int NONE = 0;

  private static final int UDP_BYTES = 8;
  private static final int HEADER_BYTES = 8;
  private static final int UDP = 17;
  private static final int VXLAN_HAS_VNI = 0x08;
  private static final int TRANSPARENT_ETHERNET = 0x6558;

  private int port;
  private int vni;
  private int inner;
  private int end;
  private boolean malformed;

  /**
   * Whether a packet goes to a port that it takes for a tunnel's.
   *
   * @param record its record
   * @return whether {@link #read} is worth while
   */
  public static boolean mayBeTunnel(long record) {
    if (getUnsignedByte(record + PacketRecord.PROTOCOL) != UDP) {
      return false;
    }
    final int to = u16(record + PacketRecord.DESTINATION_PORT);
    return (to == VXLAN_PORT || to == GENEVE_PORT)
        && getUnsignedByte(record + PacketRecord.KIND) != PacketRecord.KIND_OTHER;
  }

  /**
   * Reads.
   *
   * @param record of a packet that {@link #mayBeTunnel}
   * @param frame address of its frame
   * @param available bytes that can be read there
   * @param frameLength its length on the wire, at least {@code available}
   * @param udp offset of its UDP header, 0 when that cannot be read
   * @return whether there is a tunnel
   */
  boolean read(long record, long frame, int available, int frameLength, int udp) {
    port = NONE;
    inner = 0;
    malformed = false;
    final int start = udp + UDP_BYTES;
    if (udp == 0 || Math.min(available, frameLength) - start < HEADER_BYTES) {
      malformed = udp != 0 && frameLength - start < HEADER_BYTES;
      return false;
    }
    final int udpLength = u16(frame + udp + 4);
    end = udpLength < UDP_BYTES ? frameLength : udp + udpLength;
    if (u16(record + PacketRecord.DESTINATION_PORT) == VXLAN_PORT) {
      vxlan(frame + start, start);
    } else {
      geneve(frame + start, start);
    }
    return port != NONE;
  }

  private void vxlan(long header, int start) {
    if ((getUnsignedByte(header) & VXLAN_HAS_VNI) == 0) {
      malformed = true;
      return;
    }
    port = VXLAN_PORT;
    vni = vni(header);
    inner = start + HEADER_BYTES;
  }

  private void geneve(long header, int start) {
    final int first = getUnsignedByte(header);
    if (first >>> 6 != 0) {
      malformed = true;
      return;
    }
    port = GENEVE_PORT;
    vni = vni(header);
    inner = u16(header + 2) == TRANSPARENT_ETHERNET ? start + HEADER_BYTES + (first & 0x3f) * 4 : 0;
  }

  private static int vni(long header) {
    return Integer.reverseBytes(getInt(header + 4)) >>> 8;
  }

  private static int u16(long at) {
    return PacketRecord.number(getUnsignedShort(at));
  }

  /** {@link #VXLAN_PORT}, {@link #GENEVE_PORT} or {@link #NONE}. */
  int port() {
    return port;
  }

  /** The network identifier, 24 bits; when there is a tunnel. */
  int vni() {
    return vni;
  }

  /** Where the Ethernet frame begins that it carries; 0 without. */
  int inner() {
    return inner;
  }

  /** Where UDP says that it ends, which may be behind the frame; when there is a tunnel. */
  int end() {
    return end;
  }

  /** Whether the header is cut short or contradicts itself. */
  boolean isMalformed() {
    return malformed;
  }
}
