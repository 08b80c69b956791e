package dev.shadowplane.dataplane.conductor;

import com.sun.management.ThreadMXBean;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Publishes what agents' threads have allocated since they were ready. The conductor's thread, but
 * for {@link #add}.
 */
final class AgentReporter {
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final List<Row> rows = new ArrayList<>();

  /** A thread and its counter. */
  private record Row(long threadId, AtomicCounter allocated, long before) {}

  /** Watches a thread, whose start-up is over; before the conductor runs. */
  void add(Thread thread, AtomicCounter allocated) {
    rows.add(
        new Row(thread.threadId(), allocated, threads.getThreadAllocatedBytes(thread.threadId())));
  }

  void report() {
    for (Row row : rows) {
      final long bytes = threads.getThreadAllocatedBytes(row.threadId());
      if (bytes >= 0) {
        row.allocated().setRelease(bytes - row.before());
      }
    }
  }

  static AtomicCounter workerCounter(CounterRegistry counters, int worker) {
    return counters.counter(CounterTypes.WORKER, CounterTypes.worker(worker, "allocated-bytes"));
  }

  static AtomicCounter replayCounter(CounterRegistry counters) {
    return counters.counter(
        CounterTypes.CONDUCTOR, CounterTypes.conductor("replay-allocated-bytes"));
  }

  static AtomicCounter journalCounter(CounterRegistry counters) {
    return counters.counter(CounterTypes.JOURNAL, CounterTypes.journal("allocated-bytes"));
  }
}
