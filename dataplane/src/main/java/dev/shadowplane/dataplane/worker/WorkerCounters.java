package dev.shadowplane.dataplane.worker;

import org.agrona.concurrent.status.AtomicCounter;

/**
 * A worker's own counters; it is their only writer.
 *
 * @param longestGapNs the longest time between two looks at its queues
 * @param gapsOverMillisecond how many were longer than a millisecond
 * @param recordsTaken packet records written to the ring
 * @param recordsFull how many of those were full
 * @param fullFlowsPpm flows whose records are full, in a million
 * @param recordsShed packet records for which the ring had no room
 */
public record WorkerCounters(
    AtomicCounter longestGapNs,
    AtomicCounter gapsOverMillisecond,
    AtomicCounter recordsTaken,
    AtomicCounter recordsFull,
    AtomicCounter fullFlowsPpm,
    AtomicCounter recordsShed) {}
