package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.pcap.CaptureException;
import dev.shadowplane.dataplane.pcap.CaptureSummary;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Works on capture files. */
@Command(
    name = "capture",
    synopsisSubcommandLabel = "COMMAND",
    description = "Works on capture files, pcap and pcapng.")
final class CaptureCommand {
  private static final long SECOND_NS = 1_000_000_000L;

  @Command(
      name = "info",
      description = {
        "Says what capture files hold: format, frames, times, link types, interfaces, and where and"
            + " why reading stopped.",
        "Exit status 1 when a file is damaged, 2 when one is no capture."
      },
      footer = {"", "Example: shadowplane capture info incident.pcapng --format json"})
  int info(
      @Parameters(arity = "1..*", paramLabel = "FILE", description = "Capture files.")
          final List<Path> files,
      @Mixin final OutputOption output)
      throws CommandFailure, IOException {
    final Table table =
        new Table(
            "captures",
            List.of(
                "file",
                "format",
                "frames",
                "bytes",
                "first",
                "last",
                "link-types",
                "interfaces",
                "stopped"));
    int status = 0;
    for (Path file : files) {
      CaptureArgument.checkReadable(file);
      try {
        final CaptureSummary summary = CaptureSummary.of(file);
        table.add(row(file, summary));
        status = Math.max(status, summary.damage() == null ? 0 : 1);
      } catch (CaptureException e) {
        table.add(start(file, "none", e));
        status = 2;
      }
    }
    output.print(table);
    return status;
  }

  private static Map<String, Object> row(final Path file, final CaptureSummary summary) {
    final Map<String, Object> row = start(file, summary.format(), summary.damage());
    row.put("frames", summary.frames());
    row.put("bytes", summary.capturedBytes());
    row.put("original-bytes", summary.originalBytes());
    if (summary.frames() > 0) {
      row.put("first", time(summary.firstNs()));
      row.put("last", time(summary.lastNs()));
    }
    row.put(
        "link-types",
        summary.framesByLinkType().keySet().stream()
            .map(LinkType::name)
            .distinct()
            .collect(Collectors.joining(" ")));
    row.put("interfaces", summary.interfaces());
    return row;
  }

  private static Map<String, Object> start(
      final Path file, final String format, final @Nullable CaptureException damage) {
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("file", Printable.line(file.toString()));
    row.put("format", format);
    if (damage != null) {
      row.put("stopped", "offset " + damage.offsetBytes() + ": " + damage.reason());
    }
    return row;
  }

  private static String time(final long ns) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, SECOND_NS), Math.floorMod(ns, SECOND_NS))
        .toString();
  }
}
