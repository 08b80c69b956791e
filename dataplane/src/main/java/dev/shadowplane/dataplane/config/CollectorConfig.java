package dev.shadowplane.dataplane.config;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A remote target of mirrors, reached in an encapsulation.
 *
 * @param name what rules, counters and messages call it
 * @param port the name of the local port that it is reached by; one that does not forward
 * @param encapsulation what is put around a frame
 * @param id VNI, key or session; {@link #NO_ID} for GRE without a key
 * @param source the outer source address
 * @param destination the outer destination address, of the same IP version
 * @param nextHop the neighbour that outer packets are handed to, of the same IP version; its MAC
 *     address is asked for, unless {@code nextHopMac} is given
 * @param nextHopMac null when it is asked for
 * @param sourceMac null for the port's own
 * @param vlan VLAN identifier of a tag on the outer frame, or null for none
 * @param udpPort outer destination port, 0 without UDP
 * @param ttl time to live, or hop limit, of outer packets
 * @param dscp of outer packets
 * @param mtu the longest outer IP packet in bytes, or 0 for what the port takes
 * @param tooLong what is done about a longer one
 */
public record CollectorConfig(
    String name,
    String port,
    Encapsulation encapsulation,
    long id,
    InetAddress source,
    InetAddress destination,
    InetAddress nextHop,
    @Nullable MacAddress nextHopMac,
    @Nullable MacAddress sourceMac,
    @Nullable Integer vlan,
    int udpPort,
    int ttl,
    int dscp,
    int mtu,
    TooLong tooLong) {
  /** GRE without a key. */
  public static final long NO_ID = -1;

  /** What is done about an outer packet longer than the MTU. */
  public enum TooLong {
    /** It is sent as IP fragments. */
    FRAGMENT,
    /** The mirrored frame is cut to what fits. */
    TRUNCATE,
    /** It is shed and counted. */
    REFUSE
  }

  /**
   * Whether outer packets are of IPv6.
   *
   * @return false for IPv4
   */
  public boolean isIpv6() {
    return source.getAddress().length == 16;
  }
}
