package dev.shadowplane.control.replication;

import java.util.List;

/**
 * How a replica stands at one moment, as in the report file {@code status.json}. Times are
 * nanoseconds since 1970-01-01 UTC, lengths of time nanoseconds.
 *
 * @param kind always {@link #KIND}: other agents write reports of other kinds.
 * @param service what is brought over.
 * @param source {@code files} or {@code hook}.
 * @param mode {@code full}, {@code differential} or {@code event}.
 * @param state {@code in-step}, {@code catching-up} or {@code stalled}.
 * @param reason why it is stalled; empty otherwise.
 * @param timeNs when this was true.
 * @param version what the target durably holds: a number of changes for files, the hooks' own word
 *     for hooks; empty if nothing.
 * @param changes brought over by this process.
 * @param bytes of contents that were brought over by this process.
 * @param behind changes that are known and not yet visible at the target.
 * @param lagNs how long the oldest of these has waited; 0 if there is none.
 * @param p50Ns the median time from the commit of a change at the source until it was visible at
 *     the target.
 * @param p99Ns the same, not exceeded by 99 of 100 changes.
 * @param maxNs the same, the longest.
 * @param measured how many changes these three are about.
 * @param resyncs how often the whole was compared.
 * @param overflows how often events were lost, so that the whole was compared.
 * @param failures what cannot be brought over for the time being and is tried again: up to 10.
 * @param failing how many of them there are.
 * @param refusals what is never brought over, such as links that leave the folder: up to 10.
 * @param refused how many of them there are.
 * @param barrier the last barrier whose changes are all visible at the target; empty if none.
 */
public record ReplicationStatus(
    String kind,
    String service,
    String source,
    String mode,
    String state,
    String reason,
    long timeNs,
    String version,
    long changes,
    long bytes,
    long behind,
    long lagNs,
    long p50Ns,
    long p99Ns,
    long maxNs,
    long measured,
    long resyncs,
    long overflows,
    List<String> failures,
    long failing,
    List<String> refusals,
    long refused,
    String barrier) {
  /** The kind of reports of replicas. */
  public static final String KIND = "replication";

  /** Copies the lists. */
  public ReplicationStatus {
    failures = List.copyOf(failures);
    refusals = List.copyOf(refusals);
  }
}
