package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.FlowTuple;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A flow as people write it: {@code tcp 10.0.0.1:40000 [2001:db8::2]:443} or {@code icmp A B}. */
final class FlowText implements ITypeConverter<FlowTuple> {
  private static final Pattern END =
      Pattern.compile(
          "\\[(?<v6>[^\\]]+)](?::(?<port6>\\d{1,5}))?|(?<v4>[^:]+):(?<port4>\\d{1,5})|(?<bare>.+)");

  private record End(String address, int port) {}

  @Override
  public FlowTuple convert(final String text) {
    final String[] words = text.strip().split("\\s+", -1);
    if (words.length != 3) {
      throw new TypeConversionException(
          "'" + text + "' is no flow: write 'tcp 10.0.0.1:40000 10.0.0.2:443'");
    }
    final End source = end(words[1]);
    final End destination = end(words[2]);
    return FlowTuple.newBuilder()
        .setProtocol(words[0])
        .setSrcIp(source.address)
        .setSrcPort(source.port)
        .setDstIp(destination.address)
        .setDstPort(destination.port)
        .build();
  }

  private static End end(final String text) {
    final Matcher end = END.matcher(text);
    if (!end.matches()) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is no end of a flow: write 10.0.0.1:443, [2001:db8::1]:443 or an address");
    }
    if (end.group("v6") != null) {
      return new End(end.group("v6"), port(end.group("port6")));
    }
    return end.group("v4") != null
        ? new End(end.group("v4"), port(end.group("port4")))
        : new End(end.group("bare"), 0);
  }

  private static int port(final @org.jspecify.annotations.Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }
}
