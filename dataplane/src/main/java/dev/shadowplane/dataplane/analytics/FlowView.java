package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedShort;

import dev.shadowplane.dataplane.packet.PacketRecord;

/**
 * A flow where it lies in the table, read in place. Valid only during the call that hands it out,
 * on that thread; {@link #flow} makes a copy that lasts.
 */
public final class FlowView {
  private long entry;

  FlowView() {}

  FlowView wrap(long entry) {
    this.entry = entry;
    return this;
  }

  /**
   * The IP version.
   *
   * @return 4 or 6
   */
  public int ipVersion() {
    return getUnsignedByte(entry + FlowEntry.KIND);
  }

  /**
   * The upper half of an address, as a number.
   *
   * @param side 0 for the initiator, 1 for the other side
   * @return the first 8 bytes of an IPv6 address; 0 for IPv4
   */
  public long addressHigh(int side) {
    return ipVersion() == PacketRecord.KIND_IPV4 ? 0 : Long.reverseBytes(getLong(addressAt(side)));
  }

  /**
   * The lower half of an address, as a number.
   *
   * @param side 0 for the initiator, 1 for the other side
   * @return the last 8 bytes of an IPv6 address; for IPv4 the whole of it, 0 to 2^32 - 1
   */
  public long addressLow(int side) {
    return ipVersion() == PacketRecord.KIND_IPV4
        ? Integer.toUnsignedLong(Integer.reverseBytes(getInt(addressAt(side))))
        : Long.reverseBytes(getLong(addressAt(side) + Long.BYTES));
  }

  /**
   * The MAC address of one side of the link.
   *
   * @param side 0 for the initiator's, 1 for the other
   * @return 48 bits, or {@link Flow#UNKNOWN} when there was no full record
   */
  public long mac(int side) {
    return Flow.UNKNOWN;
  }

  /**
   * The virtual network of the tunnel that the frames carry or were carried by.
   *
   * @return 24 bits, or {@link Flow#UNKNOWN} without a tunnel or a full record
   */
  public long vni() {
    return Flow.UNKNOWN;
  }

  /**
   * The rule that decided about the latest packet of which there was a full record.
   *
   * @return its number, or {@link Flow#UNKNOWN} without a rule or a full record
   */
  public long rule() {
    return Flow.UNKNOWN;
  }

  /**
   * The IP protocol number.
   *
   * @return 0 to 255
   */
  public int protocol() {
    return getUnsignedByte(entry + FlowEntry.PROTOCOL);
  }

  /**
   * The outer VLAN id.
   *
   * @return 1 to 4,095, or {@link Flow#NO_VLAN}
   */
  public int vlan() {
    final int vlan = getUnsignedShort(entry + FlowEntry.VLAN);
    return vlan == 0 ? Flow.NO_VLAN : vlan;
  }

  /**
   * The initiator's port.
   *
   * @return 0 to 65,535
   */
  public int sourcePort() {
    return PacketRecord.number(getUnsignedShort(entry + FlowEntry.TAIL));
  }

  /**
   * The other side's port.
   *
   * @return 0 to 65,535
   */
  public int destinationPort() {
    return PacketRecord.number(getUnsignedShort(entry + FlowEntry.TAIL + Short.BYTES));
  }

  /**
   * Packets of one direction.
   *
   * @param direction 0 for what the initiator sent, 1 for the answers
   * @return how many
   */
  public long packets(int direction) {
    return getLong(half(direction) + FlowEntry.PACKETS);
  }

  /**
   * Frame bytes on the wire of one direction.
   *
   * @param direction 0 for what the initiator sent, 1 for the answers
   * @return their sum
   */
  public long bytes(int direction) {
    return getLong(half(direction) + FlowEntry.FRAME_BYTES);
  }

  /**
   * IP bytes of one direction.
   *
   * @param direction 0 for what the initiator sent, 1 for the answers
   * @return their sum
   */
  public long ipBytes(int direction) {
    return getLong(half(direction) + FlowEntry.IP_BYTES);
  }

  /**
   * TCP flags bytes of one direction, or-ed.
   *
   * @param direction 0 for what the initiator sent, 1 for the answers
   * @return a set of flag bits
   */
  public int tcpFlags(int direction) {
    return getUnsignedByte(entry + FlowEntry.TCP_FLAGS + direction);
  }

  /**
   * Time of the first packet of either direction.
   *
   * @return ns since 1970
   */
  public long firstSeenNs() {
    return FlowEntry.startNs(entry);
  }

  /**
   * Time of the last packet of either direction.
   *
   * @return ns since 1970
   */
  public long lastSeenNs() {
    if (packets(0) == 0) {
      return getLong(half(1) + FlowEntry.LAST_NS);
    }
    return packets(1) == 0 ? getLong(entry + FlowEntry.LAST_NS) : FlowEntry.lastNs(entry);
  }

  /**
   * Copies the flow.
   *
   * @param end its state
   * @return a copy that lasts
   */
  public Flow flow(EndReason end) {
    return new Flow(
        address(FlowEntry.SOURCE_ADDRESS),
        sourcePort(),
        address(FlowEntry.DESTINATION_ADDRESS),
        destinationPort(),
        protocol(),
        vlan(),
        firstSeenNs(),
        lastSeenNs(),
        direction(0),
        direction(1),
        end,
        null);
  }

  private Flow.Direction direction(int direction) {
    if (packets(direction) == 0) {
      return new Flow.Direction(0, 0, 0, 0, 0, 0, null);
    }
    return new Flow.Direction(
        packets(direction),
        bytes(direction),
        ipBytes(direction),
        tcpFlags(direction),
        getLong(entry + FlowEntry.FIRST_NS + (long) direction * Long.BYTES),
        getLong(half(direction) + FlowEntry.LAST_NS),
        null);
  }

  private String address(int offset) {
    return ipVersion() == PacketRecord.KIND_IPV4
        ? IpText.ipv4(getInt(entry + offset))
        : IpText.ipv6(getLong(entry + offset), getLong(entry + offset + Long.BYTES));
  }

  private long addressAt(int side) {
    return entry + (side == 0 ? FlowEntry.SOURCE_ADDRESS : FlowEntry.DESTINATION_ADDRESS);
  }

  private long half(int direction) {
    return entry + (long) direction * FlowEntry.DIRECTION_BYTES;
  }
}
