package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.dataplane.analytics.CaptureProgress;
import dev.shadowplane.dataplane.analytics.FlowFormat;
import dev.shadowplane.dataplane.analytics.FlowSink;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.analytics.FlowWriter;
import dev.shadowplane.dataplane.analytics.FlowWriterThread;
import dev.shadowplane.dataplane.analytics.FlowsOfCapture;
import dev.shadowplane.dataplane.analytics.TrafficSummary;
import dev.shadowplane.dataplane.packet.EtherType;
import dev.shadowplane.dataplane.pcap.CaptureException;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code flows} about a capture file, and what it does with one. */
final class CaptureFlows {
  @Option(
      names = "--pcap",
      paramLabel = "FILE",
      description = "A pcap or pcapng file: all its flows, each as it ends; control is not asked.")
  private @Nullable Path pcap;

  @Option(
      names = "--inner",
      description =
          "With --pcap: count what VXLAN and Geneve carry in its own flows, instead of the tunnel's.")
  private boolean inner;

  @Option(
      names = "--idle-timeout",
      paramLabel = "TIME",
      defaultValue = "15s",
      converter = DurationText.class,
      description =
          "With --pcap: a flow ends when it has no packet for so long; default ${DEFAULT-VALUE}.")
  private long idleTimeoutNs;

  @Option(
      names = "--active-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = DurationText.class,
      description =
          "With --pcap: a flow that lasts so long is cut, and goes on as another; default"
              + " ${DEFAULT-VALUE}.")
  private long activeTimeoutNs;

  @Option(
      names = "--summary",
      paramLabel = "FILE",
      description =
          "With --pcap: write totals, and frames that are not IP by EtherType, to this file as JSON.")
  private @Nullable Path summaryFile;

  @Mixin private final CaptureMatch match = new CaptureMatch();

  /** The capture file, null when live flows are asked for. */
  @Nullable Path file() throws CommandFailure {
    if (pcap == null) {
      match.refuseLive();
    }
    return pcap;
  }

  /**
   * Writes the flows of the file.
   *
   * @param file readable
   * @param format how
   * @param out where to
   * @param err for the progress
   * @return totals
   * @throws CommandFailure when the file is damaged, or nobody takes what is written
   */
  TrafficSummary write(
      final Path file, final FlowFormat format, final PrintWriter out, final PrintWriter err)
      throws CommandFailure, IOException {
    final FlowsOfCapture flows = flows();
    final TrafficSummary summary;
    try (CaptureReader reader = CaptureReader.open(file)) {
      try (FlowWriter writer = new FlowWriterThread(format.open(out))) {
        summary = read(flows, reader, file, writer, err);
      } catch (CaptureException e) {
        out.flush();
        throw CommandFailure.job(e.getMessage() + "; the flows up to there are printed");
      }
    }
    if (out.checkError()) {
      throw CommandFailure.job(
          "not all flows could be written: check the space where they go, or who reads them");
    }
    writeSummary(summary);
    return summary;
  }

  /**
   * Tells a collector of the flows of the file.
   *
   * @param file readable
   * @param ipfix which collector
   * @param err for the progress
   * @return what it was told
   * @throws CommandFailure when the file is damaged, or not all could be told
   */
  Table tell(final Path file, final IpfixOption ipfix, final PrintWriter err)
      throws CommandFailure, IOException {
    final FlowsOfCapture flows = flows();
    try (CaptureReader reader = CaptureReader.open(file)) {
      return ipfix.tell(sink -> writeSummary(read(flows, reader, file, sink, err)));
    }
  }

  private FlowsOfCapture flows() throws CommandFailure {
    final FlowTableConfig config =
        new FlowTableConfig(FlowTableConfig.DEFAULT.capacity(), idleTimeoutNs, activeTimeoutNs);
    return new FlowsOfCapture(config, match.match(), inner);
  }

  private static TrafficSummary read(
      final FlowsOfCapture flows,
      final CaptureReader reader,
      final Path file,
      final FlowSink sink,
      final PrintWriter err)
      throws IOException {
    final long fileBytes = Files.size(file);
    try (Progress progress = new Progress(err)) {
      final CaptureProgress shown =
          (frames, bytes) -> progress.show(frames, bytes, bytes / (double) fileBytes);
      return flows.read(reader, file.toString(), sink, shown);
    }
  }

  private void writeSummary(final TrafficSummary summary) throws IOException {
    if (summaryFile != null) {
      Files.writeString(summaryFile, Json.writePretty(object(summary)) + "\n");
    }
  }

  private static Map<String, Object> object(final TrafficSummary summary) {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("frames", summary.frames());
    object.put("malformed_frames", summary.malformed());
    object.put("flows", summary.flowsEnded());
    object.put("flows_evicted", summary.flowsEvicted());
    final List<Map<String, Object>> types =
        summary.notIp().entrySet().stream()
            .map(type -> {
              final Map<String, Object> row = new LinkedHashMap<>();
              row.put("ether_type", type.getKey());
              row.put("name", EtherType.name(type.getKey()));
              row.put("frames", type.getValue());
              return row;
            })
            .toList();
    object.put("not_ip", types);
    return object;
  }

  /** Totals in words. */
  static String text(final TrafficSummary summary) {
    final String notIp =
        summary.notIp().entrySet().stream()
            .map(type -> type.getValue() + " " + name(type.getKey()))
            .collect(Collectors.joining(", "));
    return summary.flowsEnded()
        + " flows of "
        + summary.frames()
        + " frames; malformed: "
        + summary.malformed()
        + "; not IP: "
        + (notIp.isEmpty() ? "0" : notIp)
        + (summary.flowsEvicted() == 0
            ? ""
            : "; evicted from a full table: " + summary.flowsEvicted());
  }

  private static String name(final int type) {
    final String name = EtherType.name(type);
    return name.isEmpty() ? String.format("0x%04x", type) : name;
  }
}
