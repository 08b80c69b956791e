package dev.shadowplane.dataplane.packet;

import java.util.Arrays;
import java.util.Random;

/** Frames of random shape that tshark and the parser are to see alike. */
final class RandomShapes {
  private RandomShapes() {}

  /** A frame that is not damaged. */
  static byte[] frame(Random random) {
    final Frames frame = Frames.ethernet().macs(mac(random), mac(random));
    frame.hopLimit(random.nextInt(256));
    final int tags = random.nextInt(4);
    if (tags == 2) {
      frame.qinq(random.nextInt(0x10000));
    }
    if (tags > 0 && tags < 3) {
      frame.vlan(random.nextInt(0x10000));
    }
    final boolean ipv4 = random.nextBoolean();
    if (ipv4) {
      frame.ipv4("10.1.0." + random.nextInt(256), "192.0.2." + random.nextInt(256));
      // Each a no-operation; a word holds four of them.
      final byte[] options = new byte[4 * random.nextInt(11)];
      Arrays.fill(options, (byte) 1);
      frame.options(options);
    } else {
      frame.ipv6("2001:db8::" + hex(random), "2001:db8:7::" + hex(random));
      for (int i = random.nextInt(3); i > 0; i--) {
        frame.extension(
            random.nextBoolean() ? Frames.DESTINATION_OPTIONS : Frames.AUTHENTICATION,
            2 + random.nextInt(2));
      }
    }
    final boolean fragment = random.nextInt(5) == 0;
    final boolean later = fragment && random.nextBoolean();
    if (fragment) {
      frame.fragment(random.nextInt(), later ? 8 + 8 * random.nextInt(100) : 0, true);
    }
    // Ports that tshark knows no protocol for, so that it dissects no further.
    final int from = 40_000 + random.nextInt(500);
    final int to = 40_500 + random.nextInt(500);
    switch (random.nextInt(3)) {
      case 0 ->
          frame
              .tcp(from, to, random.nextInt(256), random.nextInt(), random.nextInt())
              .window(random.nextInt(0x10000));
      case 1 -> frame.udp(from, to);
      default -> frame.echo(random.nextBoolean(), 7);
    }
    if (later) {
      frame.protocol(random.nextBoolean() ? Frames.TCP : Frames.UDP);
    }
    return frame.payload(new byte[8 * random.nextInt(100)]).bytes();
  }

  private static byte[] mac(Random random) {
    final byte[] mac = new byte[6];
    random.nextBytes(mac);
    mac[0] = 2;
    return mac;
  }

  private static String hex(Random random) {
    return Integer.toHexString(1 + random.nextInt(0xffff));
  }
}
