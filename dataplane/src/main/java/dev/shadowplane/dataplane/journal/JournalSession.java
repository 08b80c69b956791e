package dev.shadowplane.dataplane.journal;

import java.util.List;

/**
 * One run of a writer.
 *
 * @param startNs when it began, nanoseconds since the epoch; identifies the session in its journal
 * @param snapLengthBytes the longest frame journaled
 * @param ports the ports, in the order of the writer's configuration
 */
public record JournalSession(long startNs, int snapLengthBytes, List<JournalPort> ports) {
  /** Takes a copy of the ports. */
  public JournalSession {
    ports = List.copyOf(ports);
  }
}
