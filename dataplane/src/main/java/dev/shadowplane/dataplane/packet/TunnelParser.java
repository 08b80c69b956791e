package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;

import dev.shadowplane.dpdk.NativeMemory;

/**
 * Finds the packet that VXLAN (RFC 7348) or Geneve (RFC 8926) carries in UDP to the assigned port,
 * and makes a record of it: one level deep, whatever that packet carries in turn. No frame makes it
 * fail. Allocates nothing; one thread.
 */
public final class TunnelParser {
  private static final int ETHERNET_BYTES = 14;
  private static final int TAG_BYTES = 4;

  private final FrameParser outerParser;
  private final FrameParser innerParser;
  private final long outerRecord = NativeMemory.allocate(PacketRecord.LONG_BYTES, 64);
  private final long innerRecord = NativeMemory.allocate(PacketRecord.LONG_BYTES, 64);
  private final TunnelHeader header = new TunnelHeader();
  private int port;
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
   * Parses.
   *
   * @param record the packet's record
   * @param frame address of its frame
   * @param available bytes that can be read there
   * @param frameLength its length on the wire, at least {@code available}
   */
  public void parse(long record, long frame, int available, int frameLength) {
    port = TunnelHeader.NONE;
    malformed = false;
    innerLength = 0;
    if (!TunnelHeader.mayBeTunnel(record)) {
      return;
    }
    final int udp = udpOffset(record, frame, available, frameLength);
    if (header.read(record, frame, available, frameLength, udp)) {
      port = header.port();
    }
    malformed = header.isMalformed();
    if (header.inner() > 0) {
      final int end = Math.min(frameLength, header.end());
      inner(record, frame, header.inner(), Math.min(available, end), end);
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

  /**
   * What was found.
   *
   * @return {@link TunnelHeader#VXLAN_PORT}, {@link TunnelHeader#GENEVE_PORT} or {@link
   *     TunnelHeader#NONE}
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
    return header.vni();
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
