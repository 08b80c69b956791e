package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.PortRanges;
import dev.shadowplane.dataplane.config.TcpFlags;
import dev.shadowplane.dataplane.config.Tunnel;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule is about, read off a frame's bytes in the plainest way: shares no code and no layout
 * with the packet path.
 */
final class FrameModel {
  private final byte[] frame;
  private final String ingress;
  private int vlan = -1;
  private int innerVlan = -1;
  private int dscp = -1;
  private int tcpFlags;
  private int tunnelPort;
  private int vni;
  private @Nullable FrameModel inner;
  private int ipVersion;
  private int protocol = -1;
  private @Nullable BigInteger source;
  private @Nullable BigInteger destination;
  private int sourcePort = -1;
  private int destinationPort = -1;

  FrameModel(byte[] frame, String ingress) {
    this.frame = frame;
    this.ingress = ingress;
    if (frame.length >= 14) {
      link();
    }
  }

  private void link() {
    int at = 12;
    for (int tags = 0; tags < 2 && isTag(u16(at)); tags++) {
      if (frame.length < at + 6) {
        return;
      }
      if (tags == 0) {
        vlan = u16(at + 2) & 0xfff;
      } else {
        innerVlan = u16(at + 2) & 0xfff;
      }
      at += 4;
    }
    if (u16(at) == 0x0800) {
      ipv4(at + 2);
    } else if (u16(at) == 0x86dd) {
      ipv6(at + 2);
    }
  }

  private static boolean isTag(int type) {
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
  }

  private void ipv4(int at) {
    if (frame.length < at + 20 || u8(at) >> 4 != 4 || (u8(at) & 15) < 5) {
      return;
    }
    ipVersion = 4;
    dscp = u8(at + 1) >> 2;
    protocol = u8(at + 9);
    source = number(at + 12, 4);
    destination = number(at + 16, 4);
    final int header = 4 * (u8(at) & 15);
    final int length = u16(at + 2) == 0 ? frame.length - at : u16(at + 2);
    if (length >= header && (u16(at + 6) & 0x1fff) == 0) {
      transport(at + header, Math.min(at + length, frame.length));
    }
  }

  private void ipv6(int at) {
    if (frame.length < at + 40 || u8(at) >> 4 != 6) {
      return;
    }
    ipVersion = 6;
    dscp = (u16(at) >> 4 & 0xff) >> 2;
    source = number(at + 8, 16);
    destination = number(at + 24, 16);
    protocol = u8(at + 6);
    final boolean toTheEnd = u16(at + 4) == 0 && protocol != 59;
    final int end = toTheEnd ? frame.length : Math.min(at + 40 + u16(at + 4), frame.length);
    int next = at + 40;
    for (int headers = 0; headers <= 16; headers++) {
      if (!Arrays.asList(0, 43, 44, 51, 60, 135, 139, 140).contains(protocol)) {
        transport(next, end);
        return;
      }
      if (end - next < 8) {
        return;
      }
      final boolean laterFragment = protocol == 44 && (u16(next + 2) & 0xfff8) != 0;
      final int length =
          switch (protocol) {
            case 44 -> 8;
            case 51 -> 4 * (u8(next + 1) + 2);
            default -> 8 * (u8(next + 1) + 1);
          };
      protocol = u8(next);
      next += length;
      if (laterFragment) {
        return;
      }
    }
  }

  private void transport(int at, int end) {
    if ((protocol == 6 || protocol == 17) && end - at >= 4) {
      sourcePort = u16(at);
      destinationPort = u16(at + 2);
      if (protocol == 6 && end - at >= 20) {
        tcpFlags = u8(at + 13);
      }
      if (protocol == 17) {
        tunnel(at);
      }
    }
  }

  private int u8(int at) {
    return frame[at] & 0xff;
  }

  private int u16(int at) {
    return u8(at) << 8 | u8(at + 1);
  }

  private BigInteger number(int at, int length) {
    return new BigInteger(1, Arrays.copyOfRange(frame, at, at + length));
  }

  /** What VXLAN or Geneve carries. */
  private void tunnel(int udp) {
    final int at = udp + 8;
    final boolean vxlan = destinationPort == 4789;
    if ((!vxlan && destinationPort != 6081) || frame.length - at < 8) {
      return;
    }
    if (vxlan ? (u8(at) & 8) == 0 : u8(at) >> 6 != 0) {
      return;
    }
    tunnelPort = destinationPort;
    vni = u8(at + 4) << 16 | u16(at + 5);
    if (!vxlan && u16(at + 2) != 0x6558) {
      return;
    }
    final int begin = at + 8 + (vxlan ? 0 : 4 * (u8(at) & 63));
    final int end = u16(udp + 4) < 8 ? frame.length : Math.min(frame.length, udp + u16(udp + 4));
    if (end - begin >= 14) {
      inner = new FrameModel(Arrays.copyOfRange(frame, begin, end), ingress);
    }
  }

  /** Whether a rule with these conditions matches. */
  boolean matches(Match match) {
    final Integer wantedVlan = match.vlan();
    final Integer wantedInnerVlan = match.innerVlan();
    final Integer wantedProtocol = match.protocol();
    final Integer wantedDscp = match.dscp();
    final String wantedIngress = match.ingress();
    final TcpFlags flags = match.tcpFlags();
    final Tunnel tunnel = match.tunnel();
    return (wantedVlan == null || wantedVlan == vlan)
        && (wantedInnerVlan == null || wantedInnerVlan == innerVlan)
        && (wantedProtocol == null || wantedProtocol == protocol)
        && (wantedDscp == null || wantedDscp == dscp)
        && (wantedIngress == null || wantedIngress.equals(ingress))
        && (flags == null
            || (protocol == 6 && sourcePort >= 0 && (tcpFlags & flags.mask()) == flags.value()))
        && (ends(match, false) || (match.eitherDirection() && ends(match, true)))
        && (tunnel == null
            || (tunnelPort > 0
                && (tunnel.type() == null || tunnel.type().port() == tunnelPort)
                && (tunnel.vni() == null || tunnel.vni() == vni)))
        && (match.inner() == null || (inner != null && inner.matches(match.inner())))
        && (match.not() == null || !matches(match.not()));
  }

  private boolean ends(Match match, boolean exchanged) {
    return mac(match.sourceMac(), exchanged ? 0 : 6)
        && mac(match.destinationMac(), exchanged ? 6 : 0)
        && addresses(match.sources(), exchanged ? destination : source)
        && addresses(match.destinations(), exchanged ? source : destination)
        && port(match.sourcePorts(), exchanged ? destinationPort : sourcePort)
        && port(match.destinationPorts(), exchanged ? sourcePort : destinationPort);
  }

  private boolean addresses(List<IpPrefix> wanted, @Nullable BigInteger actual) {
    return wanted.isEmpty() || wanted.stream().anyMatch(prefix -> address(prefix, actual));
  }

  private boolean mac(@Nullable MacAddress wanted, int at) {
    return wanted == null
        || (frame.length >= 14 && number(at, 6).equals(BigInteger.valueOf(wanted.value())));
  }

  private boolean address(IpPrefix wanted, @Nullable BigInteger actual) {
    if (actual == null || wanted.isIpv6() != (ipVersion == 6)) {
      return false;
    }
    final int rest = (wanted.isIpv6() ? 128 : 32) - wanted.length();
    final BigInteger low = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    final BigInteger network =
        BigInteger.valueOf(wanted.high())
            .and(low)
            .shiftLeft(64)
            .or(BigInteger.valueOf(wanted.low()).and(low));
    return network.shiftRight(rest).equals(actual.shiftRight(rest));
  }

  private static boolean port(@Nullable PortRanges wanted, int actual) {
    return wanted == null
        || (actual >= 0
            && wanted.ranges().stream()
                .anyMatch(range -> range.low() <= actual && actual <= range.high()));
  }
}
