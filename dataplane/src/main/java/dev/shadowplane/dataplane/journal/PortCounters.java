package dev.shadowplane.dataplane.journal;

/**
 * What the data plane knows of a port, read by the journal agent for the statistics of the journal.
 * Implementations neither block nor allocate; the values only grow.
 */
public interface PortCounters {
  /** Frames that the port has received since the data plane started. */
  long receivedFrames(int portIndex);

  /** Frames of the port that were meant for the journal and shed before they reached its ring. */
  long shedFrames(int portIndex);
}
