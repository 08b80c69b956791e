package dev.shadowplane.dataplane.config;

import org.jspecify.annotations.Nullable;

/**
 * Which packets a rule is about: those that fulfil every condition given. A condition that is null
 * is none. Addresses and ports are those of the outer packet.
 *
 * @param sourceMac the sender on the link
 * @param destinationMac the receiver on the link
 * @param vlan the VLAN identifier of the outermost tag, 1 to 4,094
 * @param source the sender's address
 * @param destination the receiver's address
 * @param protocol the upper-layer protocol's number
 * @param sourcePorts the sender's ports
 * @param destinationPorts the receiver's ports
 * @param ingress the name of the port that received the frame
 * @param eitherDirection whether packets with both ends exchanged match too
 */
public record Match(
    @Nullable MacAddress sourceMac,
    @Nullable MacAddress destinationMac,
    @Nullable Integer vlan,
    @Nullable IpPrefix source,
    @Nullable IpPrefix destination,
    @Nullable Integer protocol,
    @Nullable PortRanges sourcePorts,
    @Nullable PortRanges destinationPorts,
    @Nullable String ingress,
    boolean eitherDirection) {
  /** Matches every packet. */
  public static final Match ALL =
      new Match(null, null, null, null, null, null, null, null, null, true);
}
