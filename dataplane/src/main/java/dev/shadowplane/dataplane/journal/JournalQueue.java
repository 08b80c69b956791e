package dev.shadowplane.dataplane.journal;

import java.nio.file.Path;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/** The one place that opens Chronicle queues. */
final class JournalQueue {
  static {
    // Before any class of Chronicle: it asks for a logger that nothing here needs, and SLF4J would
    // complain on stderr that there is none.
    System.getProperties().putIfAbsent("slf4j.internal.verbosity", "ERROR");
  }

  /** A file for each five minutes: what retention deletes and a damaged header costs. */
  static final RollCycles ROLL_CYCLE = RollCycles.FIVE_MINUTELY;

  /** How long a lock that a killed process left in the queue's own files is waited for. */
  private static final long LOCK_TIMEOUT_MS = 1_000;

  private static final String[] QUIET_PROPERTIES = {
    "chronicle.analytics.disable", "chronicle.announcer.disable"
  };

  private JournalQueue() {}

  static SingleChronicleQueue openToWrite(Path folder, TimeProvider rollTime)
      throws JournalException {
    requireQuiet(folder);
    return builder(folder).timeProvider(rollTime).build();
  }

  private static SingleChronicleQueueBuilder builder(Path folder) {
    return SingleChronicleQueueBuilder.binary(folder)
        .rollCycle(ROLL_CYCLE)
        .timeoutMS(LOCK_TIMEOUT_MS);
  }

  /** Chronicle tells a third party about its use, over the network, unless told not to. */
  static void requireQuiet(Path folder) throws JournalException {
    for (String property : QUIET_PROPERTIES) {
      if (!Boolean.getBoolean(property)) {
        throw new JournalException(
            folder,
            "refusing to open the journal: start the JVM with -D"
                + property
                + "=true, or Chronicle Queue contacts a third party");
      }
    }
  }

  /**
   * Raises the error of a fault on a mapped page here. The JVM skips the faulting instruction and
   * throws at the next safepoint poll, of which a native call that cannot be inlined is one.
   */
  static void raisePendingFault() {
    Thread.holdsLock(QUIET_PROPERTIES);
  }
}
