package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.ExportJournalRequest;
import dev.shadowplane.control.v1.FlowTuple;
import dev.shadowplane.control.v1.Match;
import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.export.ExportFormat;
import dev.shadowplane.dataplane.export.ExportOptions;
import dev.shadowplane.dataplane.export.FrameSelection;
import dev.shadowplane.dataplane.pcap.Direction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** What an export is asked for, in the contract's form and in the data plane's. */
public final class ExportRequests {
  private ExportRequests() {}

  /**
   * Checks a request.
   *
   * @param request of a client or of the command line.
   * @param anonymisations those that it may name.
   * @return the same, ready to be done.
   * @throws IllegalArgumentException if it cannot be done; the message names the field.
   */
  public static ExportOptions options(
      final ExportJournalRequest request, final List<Anonymisation> anonymisations) {
    final FrameSelection frames =
        new FrameSelection(
            request.getFromNs(),
            request.getToNs() == 0 ? Long.MAX_VALUE : request.getToNs(),
            matches(request),
            new HashSet<>(request.getRulesList()),
            new HashSet<>(request.getPortsList()),
            direction(request),
            request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit());
    return new ExportOptions(
        frames,
        format(request),
        request.getSplitBytes(),
        request.getSplitNs(),
        !request.getWithoutComments(),
        request.getFollow(),
        anonymisation(request.getAnonymisation(), anonymisations));
  }

  private static Optional<Anonymisation> anonymisation(
      final String name, final List<Anonymisation> anonymisations) {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    final Optional<Anonymisation> named =
        anonymisations.stream().filter(known -> known.name().equals(name)).findFirst();
    if (named.isEmpty()) {
      throw new IllegalArgumentException(
          "anonymisation '"
              + name
              + "' is unknown: use one of control's configuration: "
              + anonymisations.stream().map(Anonymisation::name).toList());
    }
    return named;
  }

  private static List<dev.shadowplane.dataplane.config.Match> matches(
      final ExportJournalRequest request) {
    final List<dev.shadowplane.dataplane.config.Match> matches = new ArrayList<>();
    if (request.hasMatch()) {
      matches.add(match("match", request.getMatch()));
    }
    if (request.hasFlow()) {
      matches.add(match("flow", match(request.getFlow())));
    }
    return matches;
  }

  private static dev.shadowplane.dataplane.config.Match match(
      final String field, final Match match) {
    try {
      return MatchReader.read(field, Json.write(MatchObject.write(match)));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Match match(final FlowTuple flow) {
    for (final String address : List.of(flow.getSrcIp(), flow.getDstIp())) {
      if (address.isEmpty() || address.indexOf('/') >= 0) {
        throw new IllegalArgumentException(
            "flow: '" + address + "' is no address: give one of each end");
      }
    }
    return Match.newBuilder()
        .addHosts(flow.getSrcIp())
        .addHosts(flow.getDstIp())
        .setProtocol(flow.getProtocol())
        .setSourcePorts(flow.getSrcPort() == 0 ? "" : Integer.toString(flow.getSrcPort()))
        .setDestinationPorts(flow.getDstPort() == 0 ? "" : Integer.toString(flow.getDstPort()))
        .build();
  }

  private static int direction(final ExportJournalRequest request) {
    return switch (request.getDirection()) {
      case FRAME_DIRECTION_UNSPECIFIED -> Direction.UNKNOWN;
      case FRAME_DIRECTION_INBOUND -> Direction.INBOUND;
      case FRAME_DIRECTION_OUTBOUND -> Direction.OUTBOUND;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "direction is unknown: write FRAME_DIRECTION_INBOUND or FRAME_DIRECTION_OUTBOUND");
    };
  }

  private static ExportFormat format(final ExportJournalRequest request) {
    return switch (request.getFormat()) {
      case CAPTURE_FORMAT_UNSPECIFIED, CAPTURE_FORMAT_PCAPNG -> ExportFormat.PCAPNG;
      case CAPTURE_FORMAT_PCAP -> ExportFormat.PCAP;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "format is unknown: write CAPTURE_FORMAT_PCAPNG or CAPTURE_FORMAT_PCAP");
    };
  }
}
