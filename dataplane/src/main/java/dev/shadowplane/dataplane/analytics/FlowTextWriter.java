package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.Locale;

/** Flows as aligned columns; what is wider than its column pushes the rest of its line. */
final class FlowTextWriter implements FlowWriter {
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMPV6 = 58;

  private final Writer out;

  FlowTextWriter(Writer out) throws IOException {
    this.out = out;
    row(
        "FIRST SEEN (UTC)",
        "SOURCE",
        "DESTINATION",
        "PROTO",
        "VLAN",
        "PACKETS>",
        "BYTES>",
        "<PACKETS",
        "<BYTES",
        "SECONDS",
        "END");
  }

  @Override
  public void write(Flow flow) throws IOException {
    final long lastedNs = flow.lastSeenNs() - flow.firstSeenNs();
    row(
        Instant.ofEpochSecond(0, flow.firstSeenNs()).toString(),
        endpoint(flow.srcIp(), flow.srcPort()),
        endpoint(flow.dstIp(), flow.dstPort()),
        protocol(flow.protocol()),
        flow.vlan() == Flow.NO_VLAN ? "-" : flow.vlan(),
        flow.srcToDst().packets(),
        flow.srcToDst().bytes(),
        flow.dstToSrc().packets(),
        flow.dstToSrc().bytes(),
        String.format(Locale.ROOT, "%.3f", lastedNs / 1e9),
        flow.end().text());
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }

  private void row(Object... cells) throws IOException {
    out.write(
        String.format(
            Locale.ROOT, "%-30s %-22s %-22s %-6s %4s %10s %12s %10s %12s %10s  %s\n", cells));
  }

  private static String endpoint(String address, int port) {
    return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + port;
  }

  private static String protocol(int number) {
    return switch (number) {
      case ICMP -> "icmp";
      case TCP -> "tcp";
      case UDP -> "udp";
      case ICMPV6 -> "icmp6";
      default -> Integer.toString(number);
    };
  }
}
