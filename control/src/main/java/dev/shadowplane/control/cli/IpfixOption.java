package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Endpoint;
import dev.shadowplane.dataplane.analytics.FlowSink;
import dev.shadowplane.dataplane.export.FileTarget;
import dev.shadowplane.dataplane.ipfix.IpfixConfig;
import dev.shadowplane.dataplane.ipfix.IpfixException;
import dev.shadowplane.dataplane.ipfix.IpfixFile;
import dev.shadowplane.dataplane.ipfix.IpfixOutput;
import dev.shadowplane.dataplane.ipfix.IpfixSender;
import dev.shadowplane.dataplane.pcap.CaptureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flows of a capture as IPFIX, to a collector or into a file. */
final class IpfixOption {
  private static final Pattern COLLECTOR = Pattern.compile("(udp|tcp)://(.+)");

  @Option(
      names = "--ipfix",
      paramLabel = "TARGET",
      description =
          "With --pcap: tell the flows to an IPFIX collector, udp://HOST:PORT or tcp://HOST:PORT, or"
              + " write them to this file of IPFIX messages, instead of showing them.")
  private @Nullable String target;

  @Option(
      names = "--biflow",
      arity = "1",
      defaultValue = "true",
      paramLabel = "BOOL",
      description =
          "With --ipfix: one record for both directions (RFC 5103), or with false one for each;"
              + " default ${DEFAULT-VALUE}.")
  private boolean biflow;

  @Option(
      names = "--enterprise",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "With --ipfix: your organisation's private enterprise number, under which statistics are"
              + " sent that IANA has no element for; without it they are left out.")
  private long enterprise;

  @Option(
      names = "--mtu",
      defaultValue = "" + IpfixConfig.DEFAULT_MTU,
      paramLabel = "BYTES",
      description = "With --ipfix: the longest IP packet over UDP; default ${DEFAULT-VALUE}.")
  private int mtu;

  @Option(
      names = "--domain",
      defaultValue = "0",
      paramLabel = "N",
      description = "With --ipfix: the observation domain; default ${DEFAULT-VALUE}.")
  private long domain;

  /** Writes flows. */
  @FunctionalInterface
  interface Source {
    void writeTo(FlowSink sink) throws CommandFailure, IOException;
  }

  /** What follows when everything is written. */
  @FunctionalInterface
  private interface Completion {
    void run() throws IOException;
  }

  /** Whether it was given. */
  boolean isGiven() {
    return target != null;
  }

  /**
   * Tells all flows of a source.
   *
   * @param source writes them
   * @return what was told, for machines and people
   * @throws CommandFailure when not all of them could be told
   */
  Table tell(final Source source) throws CommandFailure, IOException {
    final String to = String.valueOf(target);
    final Matcher collector = COLLECTOR.matcher(to);
    if (collector.matches()) {
      try (IpfixOutput output = new IpfixSender(config(collector.group(1), collector.group(2)))) {
        return tell(source, output, to, () -> {});
      }
    }
    if (to.contains("://")) {
      throw CommandFailure.input(
          "--ipfix " + to + ": give udp://HOST:PORT, tcp://HOST:PORT or the name of a file");
    }
    final Path file = Path.of(to);
    final Path parent = file.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw CommandFailure.input("--ipfix " + to + ": there is no such folder: make it");
    }
    try (FileTarget written = new FileTarget(file, false);
        IpfixOutput output = new IpfixFile(config("udp", "127.0.0.1:4739"), written.open(0, 0))) {
      return tell(source, output, to, written::complete);
    }
  }

  private static Table tell(
      final Source source, final IpfixOutput output, final String to, final Completion completion)
      throws CommandFailure, IOException {
    CaptureException damage = null;
    try {
      try {
        source.writeTo(output);
      } catch (CaptureException e) {
        damage = e;
      }
      output.finish();
    } catch (IpfixException e) {
      throw CommandFailure.job(String.valueOf(e.getMessage()));
    }
    completion.run();
    if (damage != null) {
      throw CommandFailure.job(damage.getMessage() + "; the flows up to there are told");
    }
    final Table told = new Table("ipfix", List.of("to", "records", "messages"));
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("to", to);
    row.put("records", output.records());
    row.put("messages", output.messages());
    told.add(row);
    return told;
  }

  private IpfixConfig config(final String transport, final String address) throws CommandFailure {
    try {
      final Endpoint endpoint = Endpoint.parse(address);
      return new IpfixConfig(
          IpfixConfig.Transport.valueOf(transport.toUpperCase(Locale.ROOT)),
          endpoint.host(),
          endpoint.port(),
          mtu,
          biflow,
          IpfixConfig.DEFAULT_TEMPLATE_SECONDS,
          IpfixConfig.DEFAULT_TEMPLATE_MESSAGES,
          enterprise,
          domain);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input("--ipfix " + target + ": " + e.getMessage());
    }
  }
}
