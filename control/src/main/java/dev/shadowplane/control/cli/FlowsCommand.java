package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.FlowMessages;
import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.control.v1.ListFlowsRequest;
import dev.shadowplane.control.v1.WatchFlowsRequest;
import dev.shadowplane.control.v1.WatchFlowsResponse;
import dev.shadowplane.dataplane.analytics.FlowFormat;
import dev.shadowplane.dataplane.analytics.FlowWriter;
import dev.shadowplane.dataplane.analytics.TrafficSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows flows: the largest of the live traffic, or all of a capture file. */
@Command(
    name = "flows",
    description = {
      "Shows the largest flows of the live traffic as control sees them, or every flow of a capture"
          + " file.",
      "Flows are bidirectional; the source is the initiator."
    },
    footer = {"", "Example: shadowplane flows --pcap incident.pcapng --format json"})
final class FlowsCommand implements Callable<Integer> {
  /** By what measure a flow is large. Knows nothing of messages, which a capture does not need. */
  enum Order {
    bytes,
    packets;

    private FlowOrder order() {
      return this == bytes ? FlowOrder.FLOW_ORDER_BYTES : FlowOrder.FLOW_ORDER_PACKETS;
    }
  }

  @Mixin private final CaptureFlows capture = new CaptureFlows();

  @Mixin private final IpfixOption ipfix = new IpfixOption();

  @Option(
      names = "--limit",
      defaultValue = "20",
      paramLabel = "N",
      description = "How many of the live flows, 1 to 1,000; default ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--order",
      defaultValue = "bytes",
      description =
          "The largest live flows by one of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Order order;

  @Mixin private final FollowFlows follow = new FollowFlows();

  @Option(names = "--watch", description = "Show the live flows again and again until interrupted.")
  private boolean watch;

  @Option(
      names = "--interval-ms",
      defaultValue = "1000",
      paramLabel = "MS",
      description = "Between two views with --watch, 100 to 60,000; default ${DEFAULT-VALUE}.")
  private int intervalMs;

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  @Mixin private final ControlOption control = new ControlOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    final Path file = capture.file();
    if (file != null) {
      return ofCapture(file);
    }
    if (ipfix.isGiven()) {
      throw CommandFailure.input(
          "--ipfix tells of a capture file: add --pcap; live flows go where 'ipfix' of control's"
              + " configuration says");
    }
    if (watch && follow.isWanted()) {
      throw CommandFailure.input("--watch and --follow exclude each other: leave one out");
    }
    try (ControlConnection connection = control.connect()) {
      if (follow.isWanted()) {
        follow.run(connection, flowFormat(), spec.commandLine());
      } else if (watch) {
        watch(connection);
      } else {
        final ListFlowsRequest request =
            ListFlowsRequest.newBuilder().setLimit(limit).setOrder(order.order()).build();
        print(connection.call(stub -> stub.listFlows(request)).getSnapshot());
      }
    }
    return 0;
  }

  private int ofCapture(final Path file) throws CommandFailure, IOException {
    if (watch || follow.isWanted()) {
      throw CommandFailure.input(
          "--watch and --follow are about live traffic: leave them out with --pcap");
    }
    CaptureArgument.checkReadable(file);
    final PrintWriter out = spec.commandLine().getOut();
    if (ipfix.isGiven()) {
      capture.tell(file, ipfix, spec.commandLine().getErr()).print(format, out);
      return 0;
    }
    final TrafficSummary summary =
        capture.write(file, flowFormat(), out, spec.commandLine().getErr());
    if (format == Format.text) {
      out.println(CaptureFlows.text(summary));
    }
    out.flush();
    return 0;
  }

  private void watch(final ControlConnection connection) throws CommandFailure, IOException {
    final WatchFlowsRequest request =
        WatchFlowsRequest.newBuilder()
            .setLimit(limit)
            .setOrder(order.order())
            .setIntervalMs(intervalMs)
            .build();
    connection.stream(stub -> {
      final Iterator<WatchFlowsResponse> snapshots = stub.watchFlows(request);
      while (snapshots.hasNext()) {
        final FlowSnapshot snapshot = snapshots.next().getSnapshot();
        if (format == Format.text && CommandLine.Help.Ansi.AUTO.enabled()) {
          spec.commandLine().getOut().print("\u001b[H\u001b[2J");
        }
        print(snapshot);
      }
    });
  }

  private void print(final FlowSnapshot snapshot) throws IOException {
    final PrintWriter out = spec.commandLine().getOut();
    try (FlowWriter writer = flowFormat().open(out)) {
      for (final dev.shadowplane.control.v1.Flow flow : snapshot.getFlowsList()) {
        writer.write(FlowMessages.flow(flow));
      }
    }
    if (format == Format.text) {
      out.println(snapshot.getFlowsCount() + " of " + snapshot.getActiveFlows() + " flows");
    }
    out.flush();
  }

  private FlowFormat flowFormat() {
    return switch (format) {
      case text -> FlowFormat.TEXT;
      case json -> FlowFormat.JSON;
      case csv -> FlowFormat.CSV;
    };
  }
}
