package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.FlowMessages;
import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.StreamFlowsRequest;
import dev.shadowplane.control.v1.StreamFlowsResponse;
import dev.shadowplane.dataplane.analytics.FlowFormat;
import dev.shadowplane.dataplane.analytics.FlowWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Iterator;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options of {@code flows} about flows as they end, and what it does with them. */
final class FollowFlows {
  @Option(
      names = "--follow",
      description =
          "Show every live flow as it ends until interrupted; JSON is one object a line, CSV has one"
              + " header.")
  private boolean follow;

  @Option(
      names = "--updates",
      description = "With --follow: also those that go on, once a second while they have packets.")
  private boolean updates;

  boolean isWanted() {
    return follow || updates;
  }

  /** Writes flows as they come until control ends the stream. */
  void run(
      final ControlConnection connection, final FlowFormat format, final CommandLine commandLine)
      throws CommandFailure, IOException {
    if (!follow) {
      throw CommandFailure.input("--updates adds to --follow: give both");
    }
    final PrintWriter out = commandLine.getOut();
    final StreamFlowsRequest request = StreamFlowsRequest.newBuilder().setUpdates(updates).build();
    try (FlowWriter writer = format.openStream(out)) {
      connection.streamAnalytics(stub -> {
        final Iterator<StreamFlowsResponse> messages = stub.streamFlows(request);
        long missed = 0;
        while (messages.hasNext() && !out.checkError()) {
          final StreamFlowsResponse message = messages.next();
          for (final Flow flow : message.getFlowsList()) {
            writer.write(FlowMessages.flow(flow));
          }
          out.flush();
          if (message.getMissed() > missed) {
            commandLine
                .getErr()
                .println(
                    "shadowplane: "
                        + (message.getMissed() - missed)
                        + " flows came faster than they were read here and are missing");
            commandLine.getErr().flush();
            missed = message.getMissed();
          }
        }
      });
    }
  }
}
