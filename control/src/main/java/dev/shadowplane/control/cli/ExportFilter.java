package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ExportJournalRequest;
import dev.shadowplane.control.v1.FlowTuple;
import dev.shadowplane.control.v1.FrameDirection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which frames of the journal, as options. */
final class ExportFilter {

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Frames from then on: 2026-11-20T10:00:00.000000001Z, or nanoseconds since 1970 UTC.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Frames before that time.")
  private @Nullable String to;

  @Option(
      names = "--rule",
      split = ",",
      paramLabel = "NAME",
      description = "Frames that this rule chose, or one of several.")
  private List<String> rules = List.of();

  @Option(
      names = "--flow",
      paramLabel = "FLOW",
      converter = FlowText.class,
      description = "Frames of one flow, both directions: 'tcp 10.0.0.1:40000 10.0.0.2:443'.")
  private @Nullable FlowTuple flow;

  @Option(
      names = "--port",
      split = ",",
      paramLabel = "NAME",
      description = "Frames that passed this port, or one of several.")
  private List<String> ports = List.of();

  @ArgGroup private @Nullable Passage passage;

  @Option(
      names = "--match",
      paramLabel = "SELECTORS",
      description =
          "Selectors as under 'match' of a rule's file, in place of the options for them:"
              + " '{ protocol: tcp, not: { destination-ports: \"22\" } }'.")
  private @Nullable String match;

  @ArgGroup(exclusive = false, heading = "Selectors, as of rules:%n")
  private @Nullable MatchOptions selectors;

  @Option(names = "--limit", paramLabel = "N", description = "The first so many frames.")
  private long limit;

  /** How frames passed their port. */
  static final class Passage {
    @Option(names = "--inbound", description = "Frames that their port received.")
    private boolean inbound;

    @Option(names = "--outbound", description = "Frames that their port sent.")
    private boolean outbound;
  }

  /** Puts them into a request. */
  void fill(final ExportJournalRequest.Builder request) throws CommandFailure {
    request.addAllRules(rules).addAllPorts(ports);
    if (from != null) {
      request.setFromNs(TimeArgument.nanoseconds("--from", from));
    }
    if (to != null) {
      request.setToNs(TimeArgument.nanoseconds("--to", to));
    }
    if (limit < 0) {
      throw CommandFailure.input("--limit " + limit + ": give 1 or more");
    }
    request.setLimit(limit);
    if (flow != null) {
      request.setFlow(flow);
    }
    if (passage != null && passage.inbound) {
      request.setDirection(FrameDirection.FRAME_DIRECTION_INBOUND);
    }
    if (passage != null && passage.outbound) {
      request.setDirection(FrameDirection.FRAME_DIRECTION_OUTBOUND);
    }
    if (match != null && selectors != null) {
      throw CommandFailure.input(
          "--match stands for all selectors: write the others into it, or leave it out");
    }
    if (match != null) {
      request.setMatch(RuleFile.match("--match", match));
    }
    if (selectors != null) {
      request.setMatch(selectors.match());
    }
  }
}
