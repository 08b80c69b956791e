/**
 * Flows from packet records: the table that keeps them off-heap, the agent that feeds it from the
 * record rings and answers queries, and the same over a capture file.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.analytics;
