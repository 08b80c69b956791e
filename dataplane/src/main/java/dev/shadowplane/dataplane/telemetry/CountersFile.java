package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;
import org.agrona.concurrent.status.AtomicCounter;

/** WIP. */
@SuppressWarnings("DoNotCallSuggester")
public final class CountersFile implements AutoCloseable {
  /** Creates. */
  public static CountersFile create(
      final Path directory, final Path stateDirectory, final int maxCounters) {
    throw new UnsupportedOperationException();
  }

  /** Allocates a counter; conductor's thread only. */
  public AtomicCounter newCounter(final int typeId, final String label) {
    throw new UnsupportedOperationException();
  }

  /** Frees a counter; conductor's thread only, once its writer has let go. */
  public void free(final AtomicCounter counter) {}

  /** Grows by one with each start. */
  public long epoch() {
    return 0L;
  }

  /** Where the files are. */
  public Path directory() {
    throw new UnsupportedOperationException();
  }

  /** Tells readers that the data plane lives; {@link AttachmentServer#poll} does it. */
  public void heartbeat(final long epochMs) {}

  @Override
  public void close() {}
}
