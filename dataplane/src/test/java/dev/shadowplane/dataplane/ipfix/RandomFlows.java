package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;
import dev.shadowplane.dataplane.analytics.Flow.RoundTrip;
import dev.shadowplane.dataplane.analytics.Flow.Spread;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** Flows of every shape, each with ports and addresses of its own. */
final class RandomFlows {
  private static final EndReason[] REASONS = {
    EndReason.IDLE, EndReason.ACTIVE, EndReason.CLOSED, EndReason.EVICTED, EndReason.END_OF_INPUT
  };
  private static final long NOW_NS = 1_795_000_000_123_456_789L;

  private final SplittableRandom random;
  private int count;

  RandomFlows(long seed) {
    random = new SplittableRandom(seed);
  }

  List<Flow> list(int flows) {
    final List<Flow> list = new ArrayList<>();
    for (int i = 0; i < flows; i++) {
      list.add(next());
    }
    return list;
  }

  Flow next() {
    count++;
    final boolean ipv6 = random.nextBoolean();
    final boolean tcp = random.nextBoolean();
    final long firstNs = NOW_NS + random.nextLong(1_000_000_000_000L);
    final long lastNs = firstNs + random.nextLong(60_000_000_000L);
    final boolean full = random.nextBoolean();
    // An entry that was cut may see answers alone.
    final boolean sent = random.nextInt(8) > 0;
    final boolean answered = !sent || random.nextBoolean();
    final long middleNs = firstNs + (lastNs - firstNs) / 3;
    return new Flow(
        address(ipv6),
        random.nextInt(65_536),
        address(ipv6),
        random.nextInt(65_536),
        tcp ? 6 : 17,
        random.nextBoolean() ? 1 + random.nextInt(4_095) : Flow.NO_VLAN,
        firstNs,
        lastNs,
        sent ? direction(tcp, firstNs, answered ? middleNs : lastNs, full) : nothing(),
        answered ? direction(tcp, sent ? middleNs : firstNs, lastNs, full) : nothing(),
        REASONS[random.nextInt(REASONS.length)],
        full ? details() : null);
  }

  private String address(boolean ipv6) {
    if (!ipv6) {
      return "10." + (count >> 8 & 0xff) + "." + (count & 0xff) + "." + random.nextInt(256);
    }
    final String unique = Integer.toHexString(0x100 + count % 0xfe00);
    return switch (random.nextInt(3)) {
      case 0 -> "2001:db8::" + unique;
      case 1 -> "::ffff:10.9." + (count >> 8 & 0xff) + "." + (count & 0xff);
      default -> "fe80:" + unique + ":1:2:3:4:5:" + Integer.toHexString(1 + random.nextInt(65_535));
    };
  }

  private static Direction nothing() {
    return new Direction(0, 0, 0, 0, 0, 0, null);
  }

  private Direction direction(boolean tcp, long firstNs, long lastNs, boolean full) {
    final long packets = 1 + (random.nextLong() >>> (24 + random.nextInt(39)));
    final long ipBytes = packets * (40 + random.nextInt(1_461));
    return new Direction(
        packets,
        ipBytes + 14 * packets,
        ipBytes,
        tcp ? random.nextInt(256) : 0,
        firstNs,
        lastNs,
        full && random.nextInt(4) > 0 ? measures(packets) : null);
  }

  private Measures measures(long packets) {
    return new Measures(
        packets,
        spread(packets),
        packets == 1 ? Spread.NONE : spread(packets - 1),
        random.nextLong(packets),
        random.nextLong(packets),
        random.nextLong(packets),
        random.nextBoolean()
            ? RoundTrip.NONE
            : new RoundTrip(3, random.nextDouble() * 1e9, 5, 1_999_999_999),
        1 + random.nextInt(64),
        65 + random.nextInt(191));
  }

  private Spread spread(long count) {
    return new Spread(
        count,
        random.nextDouble() * 1_500,
        random.nextDouble() * 100,
        random.nextInt(100),
        1_500 + random.nextInt(100));
  }

  private Details details() {
    final String tunnel = new String[] {"", "vxlan", "geneve"}[random.nextInt(3)];
    return new Details(
        mac(),
        mac(),
        tunnel,
        tunnel.isEmpty() ? Flow.UNKNOWN : random.nextInt(1 << 24),
        random.nextBoolean() ? Flow.UNKNOWN : random.nextInt(10_000),
        random.nextBoolean() ? Flow.UNKNOWN : random.nextLong(1_000_000_000),
        random.nextBoolean() ? Flow.UNKNOWN : random.nextLong(1_000_000_000));
  }

  private String mac() {
    final byte[] bytes = new byte[6];
    random.nextBytes(bytes);
    return HexFormat.ofDelimiter(":").formatHex(bytes);
  }
}
