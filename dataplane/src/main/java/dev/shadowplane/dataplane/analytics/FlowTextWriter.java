package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Flows as aligned columns of 120 characters, in units that people read; what is wider than its
 * column pushes the rest of its line.
 */
final class FlowTextWriter implements FlowWriter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String[] COUNT_UNITS = {"", "k", "M", "G", "T", "P", "E"};
  private static final String[] BYTE_UNITS = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
  private static final String[] TIME_UNITS = {" ns", " us", " ms", " s"};
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMPV6 = 58;

  private final Writer out;
  private final StringBuilder line = new StringBuilder(160);

  FlowTextWriter(Writer out) throws IOException {
    this.out = out;
    left("FIRST SEEN (UTC)", 18);
    right("LASTED", 7);
    left("PROTO", 5);
    left("SOURCE", 21);
    left("DESTINATION", 21);
    right("PKT>", 5);
    right("BYTES>", 7);
    right("<PKT", 5);
    right("<BYTES", 7);
    right("RTT", 7);
    end("END");
  }

  @Override
  public void write(Flow flow) throws IOException {
    left(TIME.format(Instant.ofEpochSecond(0, flow.firstSeenNs())), 18);
    right(time(flow.lastSeenNs() - flow.firstSeenNs()), 7);
    left(protocol(flow.protocol()), 5);
    left(endpoint(flow.srcIp(), flow.srcPort()), 21);
    left(endpoint(flow.dstIp(), flow.dstPort()), 21);
    right(count(flow.srcToDst().packets()), 5);
    right(bytes(flow.srcToDst().bytes()), 7);
    right(count(flow.dstToSrc().packets()), 5);
    right(bytes(flow.dstToSrc().bytes()), 7);
    right(roundTrip(flow), 7);
    end(flow.end().text());
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }

  private void left(String cell, int width) {
    line.append(cell);
    pad(Math.max(1, width - cell.length() + 1));
  }

  private void right(String cell, int width) {
    pad(width - cell.length());
    line.append(cell).append(' ');
  }

  private void pad(int spaces) {
    line.repeat(' ', Math.max(0, spaces));
  }

  private void end(String cell) throws IOException {
    out.append(line.append(cell).append('\n'));
    line.setLength(0);
  }

  private static String endpoint(String address, int port) {
    if (port == 0) {
      return address;
    }
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

  /** That of the handshake, both ways; where none was seen, the shortest of data. */
  private static String roundTrip(Flow flow) {
    final Flow.Details details = flow.details();
    if (details != null
        && details.serverRttNs() != Flow.UNKNOWN
        && details.clientRttNs() != Flow.UNKNOWN) {
      return time(details.serverRttNs() + details.clientRttNs());
    }
    final Flow.Measures sent = flow.srcToDst().measures();
    return sent == null || sent.roundTrip().samples() == 0 ? "-" : time(sent.roundTrip().minNs());
  }

  private static String count(long value) {
    return scaled(value, COUNT_UNITS);
  }

  private static String bytes(long value) {
    return scaled(value, BYTE_UNITS);
  }

  private static String time(long ns) {
    return scaled(ns, TIME_UNITS);
  }

  /** Three digits, or more of the largest unit. */
  private static String scaled(long value, String[] units) {
    long divisor = 1;
    int unit = 0;
    while (value / divisor >= 1_000 && unit < units.length - 1) {
      divisor *= 1_000;
      unit++;
    }
    final long whole = value / divisor;
    if (unit == 0 || whole >= 100) {
      return whole + units[unit];
    }
    // Cut, not rounded, so that 999.9 kB is not 1000 kB.
    final long hundredths = value / (divisor / 100) % 100;
    return whole
        + "."
        + (whole >= 10 ? hundredths / 10 : (hundredths < 10 ? "0" : "") + hundredths)
        + units[unit];
  }
}
