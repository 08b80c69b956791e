package dev.shadowplane.dataplane.pcap;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Makes Ethernet frames of frames of every link type that {@link LinkLayer} knows, by putting an
 * Ethernet header in the place of theirs. Allocates nothing; no frame makes it fail.
 */
public final class EthernetFramer {
  /** The most bytes by which a frame grows: from raw IP. */
  public static final int MAX_GROWTH_BYTES = 14;

  private static final int MAC_BYTES = 6;

  private final long destination;
  private final long source;

  /** A framer with zeros for addresses. */
  public EthernetFramer() {
    this(0, 0);
  }

  /**
   * A framer with addresses.
   *
   * @param destination its 48 bits, the first byte in the highest
   * @param source likewise
   */
  public EthernetFramer(long destination, long source) {
    this.destination = destination;
    this.source = source;
  }

  /**
   * How many bytes longer a frame becomes, on the wire too.
   *
   * @param linkType a LINKTYPE number
   * @return less than 0 when it becomes shorter; {@link Integer#MIN_VALUE} for a link type that is
   *     not decoded
   */
  public static int growthBytes(int linkType) {
    final int header = LinkLayer.headerBytes(linkType);
    return header == LinkLayer.NONE ? Integer.MIN_VALUE : MAX_GROWTH_BYTES - header;
  }

  /**
   * Copies a frame as one of Ethernet; one of Ethernet as it is.
   *
   * @param frame holds it
   * @param offset of its first byte
   * @param length of what is captured of it
   * @param linkType a LINKTYPE number
   * @param target has room for {@link #MAX_GROWTH_BYTES} more
   * @param targetOffset of the copy's first byte
   * @return the copy's length, or {@link LinkLayer#NONE} when no Ethernet frame can carry it: its
   *     link type is not decoded, or it has no EtherType
   */
  public int copy(
      DirectBuffer frame,
      int offset,
      int length,
      int linkType,
      MutableDirectBuffer target,
      int targetOffset) {
    if (linkType == LinkType.ETHERNET) {
      target.putBytes(targetOffset, frame, offset, length);
      return length;
    }
    final int type = LinkLayer.etherType(frame, offset, length, linkType);
    if (type == LinkLayer.NONE) {
      return LinkLayer.NONE;
    }
    final int header = LinkLayer.headerBytes(linkType);
    mac(target, targetOffset, destination);
    mac(target, targetOffset + MAC_BYTES, source);
    target.putShort(targetOffset + 2 * MAC_BYTES, (short) type, BIG_ENDIAN);
    target.putBytes(targetOffset + MAX_GROWTH_BYTES, frame, offset + header, length - header);
    return length - header + MAX_GROWTH_BYTES;
  }

  private static void mac(MutableDirectBuffer target, int at, long mac) {
    target.putShort(at, (short) (mac >>> 32), BIG_ENDIAN);
    target.putInt(at + 2, (int) mac, BIG_ENDIAN);
  }
}
