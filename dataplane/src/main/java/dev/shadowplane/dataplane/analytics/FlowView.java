package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedShort;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;

/**
 * A flow where it lies in the table, read in place. Valid only during the call that hands it out,
 * on that thread; {@link #flow} makes a copy that lasts.
 */
public final class FlowView {
  private final ExtensionPool extensions;
  private long entry;

  FlowView(ExtensionPool extensions) {
    this.extensions = extensions;
  }

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
    return hasDetails() ? FlowExtension.mac(extension(), side) : Flow.UNKNOWN;
  }

  /**
   * The virtual network of the tunnel that the frames carry or were carried by.
   *
   * @return 24 bits, or {@link Flow#UNKNOWN} without a tunnel or a full record
   */
  public long vni() {
    return hasDetails() ? FlowExtension.vni(extension()) : Flow.UNKNOWN;
  }

  /**
   * The rule that decided about the latest packet of which there was a full record.
   *
   * @return its number, or {@link Flow#UNKNOWN} without a rule or a full record
   */
  public long rule() {
    return hasDetails() ? FlowExtension.rule(extension()) : Flow.UNKNOWN;
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
    return FlowEntry.packets(entry, direction);
  }

  /**
   * Frame bytes on the wire of one direction.
   *
   * @param direction 0 for what the initiator sent, 1 for the answers
   * @return their sum
   */
  public long bytes(int direction) {
    return FlowEntry.frameBytes(entry, direction);
  }

  /**
   * IP bytes of one direction.
   *
   * @param direction 0 for what the initiator sent, 1 for the answers
   * @return their sum
   */
  public long ipBytes(int direction) {
    return FlowEntry.ipBytes(entry, direction);
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
      return getLong(FlowEntry.half(entry, 1) + FlowEntry.LAST_NS);
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
        address(0),
        sourcePort(),
        address(1),
        destinationPort(),
        protocol(),
        vlan(),
        firstSeenNs(),
        lastSeenNs(),
        direction(0),
        direction(1),
        end,
        hasDetails() ? details(extension()) : null);
  }

  private Flow.Direction direction(int direction) {
    if (packets(direction) == 0) {
      return new Flow.Direction(0, 0, 0, 0, 0, 0, null);
    }
    final long half = FlowEntry.half(entry, direction);
    return new Flow.Direction(
        packets(direction),
        bytes(direction),
        ipBytes(direction),
        tcpFlags(direction),
        getLong(half + FlowEntry.FIRST_NS),
        getLong(half + FlowEntry.LAST_NS),
        hasDetails() && FlowExtension.hasMeasured(extension(), direction)
            ? FlowExtension.measures(extension(), direction)
            : null);
  }

  private static Flow.Details details(long extension) {
    final int tunnel = FlowExtension.tunnel(extension);
    return new Flow.Details(
        MacText.of(FlowExtension.mac(extension, 0)),
        MacText.of(FlowExtension.mac(extension, 1)),
        tunnel == 0 ? "" : tunnel == RecordExtension.TUNNEL_VXLAN ? "vxlan" : "geneve",
        FlowExtension.vni(extension),
        FlowExtension.rule(extension),
        getLong(extension + FlowExtension.SERVER_RTT),
        getLong(extension + FlowExtension.CLIENT_RTT));
  }

  /** Whether there was a full record, so that MACs, tunnel and rule are known. */
  private boolean hasDetails() {
    return getInt(entry + FlowEntry.EXTENSION) != 0;
  }

  private long extension() {
    return extensions.address(getInt(entry + FlowEntry.EXTENSION));
  }

  private String address(int side) {
    return ipVersion() == PacketRecord.KIND_IPV4
        ? IpText.ipv4(getInt(addressAt(side)))
        : IpText.ipv6(getLong(addressAt(side)), getLong(addressAt(side) + Long.BYTES));
  }

  private long addressAt(int side) {
    final int bytes = ipVersion() == PacketRecord.KIND_IPV4 ? Integer.BYTES : 2 * Long.BYTES;
    return entry + FlowEntry.ADDRESSES + (long) side * bytes;
  }
}
