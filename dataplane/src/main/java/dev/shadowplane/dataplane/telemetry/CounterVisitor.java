package dev.shadowplane.dataplane.telemetry;

/** Takes the counters of a {@link CountersView} one by one. */
@FunctionalInterface
public interface CounterVisitor {
  /**
   * Takes one counter.
   *
   * @param counterId place in the file; reused after a counter was freed, so remember labels.
   * @param typeId one of {@link CounterTypes}.
   * @param label unique among the counters in use.
   * @param value as last written.
   */
  void counter(int counterId, int typeId, String label, long value);
}
