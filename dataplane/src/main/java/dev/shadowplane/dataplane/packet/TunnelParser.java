package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;

import dev.shadowplane.dpdk.NativeMemory;

/**
 * Finds the packet that VXLAN (RFC 7348) or Geneve (RFC 8926) carries in UDP to the assigned port,
 * and makes a record of it: one level deep, whatever that packet carries in turn. No frame makes it
 * fail. Allocates nothing; one thread.
 */
public final class TunnelParser {
  /** The port of VXLAN. */
  public static final int VXLAN_PORT = 4789;

  /** The port of Geneve. */
  public static final int GENEVE_PORT = 6081;

  /** No tunnel. */
  public static final int NONE = 0;

  private static final int ETHERNET_BYTES = 14;
  private static final int TAG_BYTES = 4;
  private static final int UDP_BYTES = 8;
  private static final int HEADER_BYTES = 8;
  private static final int UDP = 17;
  private static final int VXLAN_HAS_VNI = 0x08;
  private static final int TRANSPARENT_ETHERNET = 0x6558;

  private final FrameParser outerParser;
  private final FrameParser innerParser;
  private final long outerRecord = NativeMemory.allocate(PacketRecord.LONG_BYTES, 64);
  private final long innerRecord = NativeMemory.allocate(PacketRecord.LONG_BYTES, 64);
  private int port;
  private int vni;
  private boolean malformed;
  private long innerFrame;
  private int innerAvailable;
  private int innerLength;

  /**
   * A parser.
   *
   * @param flowHash fills the inner record's
   */
  public TunnelParser(FlowHash flowHash) {
    this.outerParser = new FrameParser(flowHash);
    this.innerParser = new FrameParser(flowHash);
  }

  /**
   * Whether a packet goes to a port that it takes for a tunnel's.
   *
   * @param record its record
   * @return whether {@link #parse} is worth while
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
   * Parses.
   *
   * @param record the packet's record
   * @param frame address of its frame
   * @param available bytes that can be read there
   * @param frameLength its length on the wire, at least {@code available}
   */
  public void parse(long record, long frame, int available, int frameLength) {
    port = NONE;
    malformed = false;
    innerLength = 0;
    if (!mayBeTunnel(record)) {
      return;
    }
    final int udp = udpOffset(record, frame, available, frameLength);
    final int start = udp + UDP_BYTES;
    final int readable = Math.min(available, frameLength);
    if (udp == 0 || readable - start < HEADER_BYTES) {
      malformed = udp != 0 && frameLength - start < HEADER_BYTES;
      return;
    }
    final int udpLength = u16(frame + udp + 4);
    final int end = udpLength < UDP_BYTES ? frameLength : Math.min(frameLength, udp + udpLength);
    final int inner =
        u16(record + PacketRecord.DESTINATION_PORT) == VXLAN_PORT
            ? vxlan(frame + start, start)
            : geneve(frame + start, start);
    if (inner > 0) {
      inner(record, frame, inner, Math.min(readable, end), end);
    }
    // Of a fragmented packet the rest is elsewhere.
    malformed &=
        (getUnsignedByte(record + PacketRecord.FLAGS) & PacketRecord.FLAG_FIRST_FRAGMENT) == 0;
  }

  /** Where UDP begins, or 0 when that cannot be read. */
  private int udpOffset(long record, long frame, int available, int frameLength) {
    final int flags = getUnsignedByte(record + PacketRecord.FLAGS);
    if (getUnsignedByte(record + PacketRecord.KIND) == PacketRecord.KIND_IPV6) {
      outerParser.parse(frame, available, frameLength, 0, outerRecord);
      return outerParser.transportOffset();
    }
    final int ip =
        ETHERNET_BYTES
            + ((flags & PacketRecord.FLAG_VLAN) != 0 ? TAG_BYTES : 0)
            + ((flags & PacketRecord.FLAG_QINQ) != 0 ? TAG_BYTES : 0);
    return ip < available ? ip + (getUnsignedByte(frame + ip) & 0x0f) * 4 : 0;
  }

  /** Where the inner frame begins, or 0. */
  private int vxlan(long header, int start) {
    if ((getUnsignedByte(header) & VXLAN_HAS_VNI) == 0) {
      malformed = true;
      return 0;
    }
    port = VXLAN_PORT;
    vni = vni(header);
    return start + HEADER_BYTES;
  }

  private int geneve(long header, int start) {
    final int first = getUnsignedByte(header);
    if (first >>> 6 != 0) {
      malformed = true;
      return 0;
    }
    port = GENEVE_PORT;
    vni = vni(header);
    return u16(header + 2) == TRANSPARENT_ETHERNET ? start + HEADER_BYTES + (first & 0x3f) * 4 : 0;
  }

  private static int vni(long header) {
    return Integer.reverseBytes(getInt(header + 4)) >>> 8;
  }

  private void inner(long record, long frame, int inner, int readable, int end) {
    if (end - inner < ETHERNET_BYTES) {
      malformed = true;
      return;
    }
    innerFrame = frame + inner;
    innerAvailable = Math.max(0, readable - inner);
    innerLength = end - inner;
    final int ingress = getUnsignedByte(record + PacketRecord.INGRESS_PORT);
    final int flags =
        innerParser.parse(innerFrame, innerAvailable, innerLength, ingress, innerRecord);
    malformed = (flags & PacketRecord.FLAG_MALFORMED) != 0;
  }

  private static int u16(long at) {
    return PacketRecord.number(getUnsignedShort(at));
  }

  /**
   * What was found.
   *
   * @return {@link #VXLAN_PORT}, {@link #GENEVE_PORT} or {@link #NONE}
   */
  public int port() {
    return port;
  }

  /**
   * The network identifier.
   *
   * @return 24 bits; when there is a tunnel
   */
  public int vni() {
    return vni;
  }

  /**
   * Whether the tunnel's header or the inner packet's headers are cut short or contradict
   * themselves.
   *
   * @return true also when nothing inside could be found for that reason
   */
  public boolean isMalformed() {
    return malformed;
  }

  /**
   * Whether there is an inner Ethernet frame.
   *
   * @return then the methods below say more about it
   */
  public boolean hasInner() {
    return innerLength > 0;
  }

  /**
   * The inner packet's record.
   *
   * @return its address, valid until the next {@link #parse}
   */
  public long innerRecord() {
    return innerRecord;
  }

  /**
   * The inner frame.
   *
   * @return address of its first byte
   */
  public long innerFrame() {
    return innerFrame;
  }

  /**
   * How much of the inner frame can be read.
   *
   * @return in bytes
   */
  public int innerAvailable() {
    return innerAvailable;
  }

  /**
   * How long the inner frame is.
   *
   * @return in bytes
   */
  public int innerLength() {
    return innerLength;
  }
}
