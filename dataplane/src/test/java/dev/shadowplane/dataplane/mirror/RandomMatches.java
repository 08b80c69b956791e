package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.MatchReader;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Selectors of every kind, about hosts and ports that {@link RandomFrames} have. */
public final class RandomMatches {
  private final RandomGenerator random;

  /** Selectors from numbers. */
  public RandomMatches(RandomGenerator random) {
    this.random = random;
  }

  /** Selectors that contradict neither themselves nor a limit. */
  public Match next() {
    while (true) {
      final String text = text(2, false);
      try {
        return MatchReader.read("random", text);
      } catch (ConfigException e) {
        // Not a match after all.
      }
    }
  }

  /** A tuple alone. */
  public Match tuple() {
    while (true) {
      final Match match = next();
      if (match.isTuple()) {
        return match;
      }
    }
  }

  private String text(int depth, boolean inner) {
    final List<String> parts = new ArrayList<>();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      parts.add(selector(depth, inner));
    }
    if (random.nextInt(3) == 0) {
      parts.add("direction: forward");
    }
    return "{ " + String.join(", ", parts) + " }";
  }

  private String selector(int depth, boolean inner) {
    final boolean nests = depth > 0;
    return switch (random.nextInt(nests ? inner ? 15 : 18 : 14)) {
      case 0 -> "protocol: " + pick("tcp", "udp", "6", "17", "icmp", "icmpv6", "0", "47");
      case 1, 2 -> "source: " + prefixes();
      case 3, 4 -> "destination: " + prefixes();
      case 5 -> "source-ports: " + ports();
      case 6, 7 -> "destination-ports: " + ports();
      case 8 -> "vlan: " + random.nextInt(1, 5);
      case 9 -> "inner-vlan: " + random.nextInt(1, 5);
      case 10 -> "dscp: " + pick("0", "46", "10");
      case 11 -> "tcp-flags: " + pick("syn", "'syn,!ack'", "'!fin'", "'ack,psh'", "rst");
      case 12 -> random.nextBoolean() ? mac("source-mac") : mac("destination-mac");
      case 13 -> inner ? "protocol: tcp" : "ingress: " + pick("a", "b");
      case 14 -> "not: " + text(depth - 1, inner);
      case 15 ->
          "tunnel: " + pick("{}", "{ type: vxlan }", "{ type: geneve, vni: 2 }", "{ vni: 1 }");
      default -> "inner: " + text(depth - 1, true);
    };
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }

  private String mac(String key) {
    return key + ": '02:00:00:00:fe:0" + random.nextInt(1, 4) + "'";
  }

  private String prefixes() {
    final List<String> all = new ArrayList<>();
    for (int i = random.nextInt(4) == 0 ? 3 : 1; i > 0; i--) {
      all.add(
          pick(
              "10.0.0.1",
              "10.0.0.2",
              "10.0.0.0/30",
              "10.0.0.0/9",
              "10.128.0.0/9",
              "192.0.2.0/31",
              "0.0.0.0/0",
              "10.0.1.200",
              "'2001:db8::/64'",
              "'2001:db8::1'",
              "'fd00::/8'",
              "'2001:db8::8000:0:0:0/65'",
              "'::/0'",
              "'fd00::2'"));
    }
    return "[" + String.join(", ", all) + "]";
  }

  private String ports() {
    return pick(
        "80",
        "'53,443'",
        "'0'",
        "'0-79,81-65535'",
        "'0-65535'",
        "'79-81'",
        "'1-1000'",
        "65535",
        "[ 80, '400-500' ]");
  }
}
