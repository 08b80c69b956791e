package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;

/**
 * What a full record has behind a lean one: all that the statistics of a flow need beyond packets,
 * bytes and flags. What comes from the packet lies as on the wire, big-endian; what is ours is
 * little-endian.
 */
public final class RecordExtension {
  /** Its length. */
  public static final int BYTES = 32;

  /** 6 bytes, as on the wire. */
  public static final int DESTINATION_MAC = 0;

  /** 6 bytes, as on the wire. */
  public static final int SOURCE_MAC = 6;

  /** u32, as on the wire: the sequence number of TCP; 0 without {@link #FLAG_TCP}. */
  public static final int TCP_SEQUENCE = 12;

  /** u32, as on the wire: the acknowledgement number of TCP; 0 without {@link #FLAG_TCP}. */
  public static final int TCP_ACKNOWLEDGEMENT = 16;

  /** u16, as on the wire: the window of TCP, not scaled; 0 without {@link #FLAG_TCP}. */
  public static final int TCP_WINDOW = 20;

  /** u16: bytes of TCP payload by the lengths in the headers; 0 without {@link #FLAG_TCP}. */
  public static final int TCP_PAYLOAD = 22;

  /** u24: the identifier of the virtual network that the frame's tunnel belongs to. */
  public static final int VNI = 24;

  /** u8: {@link #FLAG_TCP} and which tunnel, {@link #TUNNEL_VXLAN} or {@link #TUNNEL_GENEVE}. */
  public static final int FLAGS = 27;

  /** u24: the rule that decided about the packet, {@link #NO_RULE} without one. */
  public static final int RULE = 28;

  /** u8: time to live of IPv4, hop limit of IPv6; 0 when it cannot be read. */
  public static final int HOP_LIMIT = 31;

  /** The TCP header could be read whole, and the packet is no fragment. */
  public static final int FLAG_TCP = 1;

  /** The frame is carried by VXLAN, or carries it. */
  public static final int TUNNEL_VXLAN = 2;

  /** The frame is carried by Geneve, or carries it. */
  public static final int TUNNEL_GENEVE = 4;

  /** No rule decided. */
  public static final int NO_RULE = 0xff_ffff;

  private static final int TCP = 6;
  private static final int TCP_BYTES = 20;
  private static final int MACS_BYTES = 12;
  private static final int NOT_WHOLE =
      PacketRecord.FLAG_FIRST_FRAGMENT
          | PacketRecord.FLAG_LATER_FRAGMENT
          | PacketRecord.FLAG_PORTLESS
          | PacketRecord.FLAG_MALFORMED;

  private RecordExtension() {}

  /**
   * Adds the tunnel to an extension.
   *
   * @param extension its address
   * @param port {@link TunnelHeader#VXLAN_PORT} or {@link TunnelHeader#GENEVE_PORT}
   * @param vni 24 bits
   */
  static void putTunnel(long extension, int port, int vni) {
    final int tunnel = port == TunnelHeader.VXLAN_PORT ? TUNNEL_VXLAN : TUNNEL_GENEVE;
    putInt(extension + VNI, getInt(extension + VNI) | tunnel << 24 | vni);
  }

  /**
   * Writes an extension without a tunnel. Nothing is read that the parser has not found to be
   * there.
   *
   * @param frame address of the frame
   * @param available contiguous bytes that may be read there
   * @param network offset of the IP header, 0 when the packet is not IP or it cannot be read
   * @param transport offset of the TCP header, 0 when there is none
   * @param record the packet's lean record
   * @param rule as {@link #RULE} has it
   * @param to receives {@link #BYTES}
   */
  public static void write(
      long frame, int available, int network, int transport, long record, int rule, long to) {
    final boolean macs = available >= MACS_BYTES;
    putLong(to + DESTINATION_MAC, macs ? getLong(frame) : 0);
    putInt(to + DESTINATION_MAC + Long.BYTES, macs ? getInt(frame + Long.BYTES) : 0);
    final boolean ipv4 = getUnsignedByte(record) == PacketRecord.KIND_IPV4;
    final int hopLimit = network == 0 ? 0 : getUnsignedByte(frame + network + (ipv4 ? 8 : 7));
    putInt(to + RULE, rule | hopLimit << 24);
    if (transport == 0
        || available - transport < TCP_BYTES
        || getUnsignedByte(record + PacketRecord.PROTOCOL) != TCP
        || (getUnsignedByte(record + PacketRecord.FLAGS) & NOT_WHOLE) != 0) {
      putLong(to + TCP_SEQUENCE, 0);
      putLong(to + TCP_WINDOW, 0);
      return;
    }
    final int headers = transport - network + ((getUnsignedByte(frame + transport + 12) >>> 4) * 4);
    final int ipLength = PacketRecord.number(getUnsignedShort(record + PacketRecord.IP_LENGTH));
    final int payload = Math.max(0, ipLength - headers);
    putLong(to + TCP_SEQUENCE, getLong(frame + transport + 4));
    putInt(to + TCP_WINDOW, getUnsignedShort(frame + transport + 14) | payload << 16);
    putInt(to + VNI, FLAG_TCP << 24);
  }
}
