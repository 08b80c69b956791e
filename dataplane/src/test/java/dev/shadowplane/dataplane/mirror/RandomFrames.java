package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.packet.Frames;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Frames of every kind, from few enough hosts and ports that rules meet them. */
public final class RandomFrames {
  private static final int[] PORTS = {0, 1, 53, 79, 80, 81, 443, 40_000, 65_535};
  private static final int[] OTHER_PROTOCOLS = {0, 2, 41, 47, 50, 58, 132, 255};
  private static final int[] EXTENSIONS = {
    Frames.HOP_BY_HOP, Frames.ROUTING, Frames.AUTHENTICATION, Frames.DESTINATION_OPTIONS
  };

  private final SplittableRandom random;
  private int serial;

  /** Frames of a seed. */
  public RandomFrames(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A frame, each with a number of its own in its payload where it has room. */
  public byte[] next() {
    final byte[] whole = random.nextInt(6) == 0 ? tunnelled() : whole();
    return switch (random.nextInt(20)) {
      case 0 -> Arrays.copyOf(whole, random.nextInt(1, Math.min(whole.length, 70)));
      case 1 -> flipped(whole);
      case 2 -> runt();
      default -> whole;
    };
  }

  /** A frame in VXLAN or Geneve, now and then with a header that lies, and tunnels in tunnels. */
  private byte[] tunnelled() {
    final byte[] inner = random.nextInt(6) == 0 ? tunnelled() : next();
    final boolean vxlan = random.nextBoolean();
    final int options = vxlan ? 0 : random.nextInt(3);
    final ByteBuffer payload = ByteBuffer.allocate(8 + 4 * options + inner.length);
    if (vxlan) {
      payload.put((byte) (random.nextInt(10) == 0 ? 0 : 8)).put(new byte[3]);
    } else {
      payload.put((byte) (random.nextInt(10) == 0 ? 0x40 : random.nextInt(10) == 0 ? 63 : options));
      payload.put((byte) 0).putShort((short) (random.nextInt(10) == 0 ? 0x0800 : 0x6558));
    }
    payload.putInt(random.nextInt(1, 4) << 8).put(new byte[4 * options]).put(inner);
    final Frames frame = Frames.ethernet();
    if (random.nextInt(4) == 0) {
      frame.vlan(tci());
    }
    if (random.nextBoolean()) {
      frame.ipv4(ipv4(), ipv4());
    } else {
      frame.ipv6(ipv6(), ipv6());
      if (random.nextInt(3) == 0) {
        frame.extension(Frames.DESTINATION_OPTIONS, 1);
      }
    }
    frame.udp(port(), vxlan ? 4_789 : 6_081).payload(payload.array());
    return frame.bytes();
  }

  /** A frame that is not damaged. */
  public byte[] whole() {
    final Frames frame =
        Frames.ethernet().macs(mac(random.nextInt(1, 4)), mac(random.nextInt(1, 4)));
    switch (random.nextInt(6)) {
      case 0 -> frame.vlan(tci());
      case 1 -> frame.qinq(tci()).vlan(tci());
      case 2 -> frame.tag(0x9100, tci()).vlan(tci());
      default -> {}
    }
    final int kind = random.nextInt(10);
    if (kind == 0) {
      return frame.type(random.nextBoolean() ? Frames.TYPE_ARP : 46).payload(payload()).bytes();
    }
    if (kind < 6) {
      frame.ipv4(ipv4(), ipv4());
      if (random.nextInt(8) == 0) {
        frame.options(new byte[4 * random.nextInt(1, 11)]);
      }
    } else {
      frame.ipv6(ipv6(), ipv6());
      for (int i = random.nextInt(-3, 4); i > 0; i--) {
        frame.extension(EXTENSIONS[random.nextInt(EXTENSIONS.length)], random.nextInt(1, 4));
      }
    }
    frame.tos(random.nextInt(3) == 0 ? random.nextInt(2) == 0 ? 0xb8 : 0x29 : 0);
    return upper(frame, kind < 6);
  }

  private byte[] upper(Frames frame, boolean ipv4) {
    final boolean later = random.nextInt(12) == 0;
    if (later || random.nextInt(12) == 0) {
      frame.fragment(serial, later ? 8 * random.nextInt(1, 100) : 0, later || random.nextBoolean());
    }
    if (later) {
      return frame.protocol(random.nextBoolean() ? 6 : 17).payload(payload()).bytes();
    }
    switch (random.nextInt(8)) {
      case 0 -> frame.echo(random.nextBoolean(), serial & 0xffff);
      case 1 ->
          frame.protocol(
              ipv4 || random.nextBoolean()
                  ? OTHER_PROTOCOLS[random.nextInt(OTHER_PROTOCOLS.length)]
                  : 59);
      case 2, 3 -> frame.udp(port(), port());
      default -> frame.tcp(port(), port(), random.nextInt(64));
    }
    return frame.payload(payload()).bytes();
  }

  private byte[] runt() {
    final byte[] bytes = new byte[random.nextInt(1, 20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] flipped(byte[] whole) {
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      whole[random.nextInt(Math.min(whole.length, 74))] ^= (byte) (1 << random.nextInt(8));
    }
    return whole;
  }

  private byte[] payload() {
    serial++;
    final int length =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> 1_400;
          case 2 -> random.nextInt(3_000);
          default -> random.nextInt(4, 120);
        };
    final byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    for (int i = 0; i < Math.min(4, length); i++) {
      bytes[i] = (byte) (serial >> (8 * i));
    }
    return bytes;
  }

  private int tci() {
    return (random.nextInt(8) << 13) | random.nextInt(1, 5);
  }

  private int port() {
    return PORTS[random.nextInt(PORTS.length)];
  }

  private static byte[] mac(int host) {
    return new byte[] {2, 0, 0, 0, (byte) 0xfe, (byte) host};
  }

  private String ipv4() {
    return switch (random.nextInt(4)) {
      case 0 -> "10.0.0." + random.nextInt(1, 4);
      case 1 -> "10.0.1.200";
      case 2 -> "10.128.0." + random.nextInt(1, 4);
      default -> "192.0.2." + random.nextInt(1, 4);
    };
  }

  private String ipv6() {
    return switch (random.nextInt(4)) {
      case 0 -> "2001:db8::" + random.nextInt(1, 4);
      case 1 -> "2001:db8:0:0:8000::" + random.nextInt(1, 4);
      case 2 -> "2001:db8:1::1";
      default -> "fd00::" + random.nextInt(1, 4);
    };
  }
}
