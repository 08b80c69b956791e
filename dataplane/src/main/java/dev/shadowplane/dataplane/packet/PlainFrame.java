package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;

/**
 * Frames of the most common kind: untagged IPv4 without options or fragments, carrying TCP or UDP,
 * nothing about them unusual. {@link FrameParser} reads all others.
 */
public final class PlainFrame {
  /** Where the IP header of a plain frame begins. */
  public static final int NETWORK_OFFSET = 14;

  /** Where its TCP or UDP header begins. */
  public static final int TRANSPORT_OFFSET = 34;

  private static final int ETHERNET_BYTES = NETWORK_OFFSET;
  private static final int IPV4_BYTES = TRANSPORT_OFFSET - NETWORK_OFFSET;
  private static final int TCP_BYTES = 20;
  private static final int UDP_BYTES = 8;
  private static final int TCP = 6;
  private static final int UDP = 17;

  /**
   * EtherType IPv4, version 4, header of five words, traffic class 0, as the four bytes from offset
   * 12 load.
   */
  private static final int PLAIN_IPV4 = 0x0045_0008;

  /** More-fragments and fragment offset as the 16 bits load. */
  private static final int FRAGMENT_MASK = 0xff3f;

  private static final int UDP_UPPER = UDP << 24;
  private static final int TCP_UPPER = TCP << 24;

  private PlainFrame() {}

  /**
   * What the records of plain frames begin with, for {@link #parse}.
   *
   * @param ingressPort where they come from
   * @return the first four bytes, less the traffic class
   */
  public static int head(int ingressPort) {
    return PacketRecord.KIND_IPV4 | (ingressPort << (Byte.SIZE * PacketRecord.INGRESS_PORT));
  }

  /**
   * Parses a frame if it is plain. Calls nothing, and leaves the hash out, so that the processor
   * overlaps several frames in a loop around it.
   *
   * @param frame as for {@link FrameParser#parse}
   * @param available as for {@link FrameParser#parse}
   * @param frameLength as for {@link FrameParser#parse}
   * @param head what {@link #head} returns for the ingress port
   * @param record receives {@link PacketRecord#SHORT_BYTES}; {@link PacketRecord#FLOW_HASH} is left
   *     to the caller
   * @return whether it was; otherwise the record is undefined
   */
  public static boolean parse(long frame, int available, int frameLength, int head, long record) {
    if (available < ETHERNET_BYTES + IPV4_BYTES + TCP_BYTES) {
      return false;
    }
    // Only the traffic class, in the highest byte, may differ.
    final int trafficClass = getInt(frame + 12) ^ PLAIN_IPV4;
    if ((trafficClass & 0x00ff_ffff) != 0 || (getUnsignedShort(frame + 20) & FRAGMENT_MASK) != 0) {
      return false;
    }
    final int protocol = getUnsignedByte(frame + 23);
    final int rawLength = getUnsignedShort(frame + 16);
    final int ipLength = PacketRecord.number(rawLength);
    final int upper;
    if (protocol == UDP) {
      if (PacketRecord.number(getUnsignedShort(frame + 38)) + IPV4_BYTES != ipLength) {
        return false;
      }
      upper = UDP_UPPER;
    } else if (protocol == TCP) {
      final int offsetAndFlags = getUnsignedShort(frame + 46);
      final int headerBytes = (offsetAndFlags & 0xf0) >>> 2;
      if (headerBytes < TCP_BYTES || ipLength < IPV4_BYTES + headerBytes) {
        return false;
      }
      upper = TCP_UPPER | ((offsetAndFlags >>> 8) << 16);
    } else {
      return false;
    }
    // At least a header of UDP, and no more than there is: one unsigned comparison.
    if (Integer.compareUnsigned(
            ipLength - (IPV4_BYTES + UDP_BYTES),
            frameLength - (ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES))
        > 0) {
      return false;
    }
    putInt(record, head | trafficClass);
    putInt(record + PacketRecord.FRAME_LENGTH, frameLength);
    putInt(record + PacketRecord.IP_LENGTH, rawLength);
    putLong(
        record + PacketRecord.INNER_VLAN_TCI,
        (upper & 0xffff_ffffL) | ((long) getInt(frame + 34) << Integer.SIZE));
    putLong(record + PacketRecord.SOURCE_ADDRESS, getLong(frame + 26));
    return true;
  }
}
