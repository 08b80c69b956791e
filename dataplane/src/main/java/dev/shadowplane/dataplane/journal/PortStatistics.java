package dev.shadowplane.dataplane.journal;

/**
 * Counters of a port since its session began.
 *
 * @param portIndex the port
 * @param receivedFrames frames that the port received
 * @param journaledFrames frames of the port in the journal
 * @param shedFrames frames meant for the journal that are not in it
 */
public record PortStatistics(
    int portIndex, long receivedFrames, long journaledFrames, long shedFrames) {}
