package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;
import java.util.OptionalLong;

/** WIP. */
@SuppressWarnings("DoNotCallSuggester")
public final class CountersView {
  /** Opens read-only; TelemetryException when there is none, or of another version. */
  public static CountersView open(final Path directory) {
    throw new UnsupportedOperationException();
  }

  /** Follows to the file of a restarted data plane; true when the file was replaced. */
  public boolean refresh() {
    return false;
  }

  /** By heartbeat and pid. */
  public boolean isAlive() {
    return false;
  }

  /** Of the data plane. */
  public long epoch() {
    return 0L;
  }

  /** Of the data plane. */
  public long pid() {
    return 0L;
  }

  /** Of the data plane, ms since 1970. */
  public long startTimeMs() {
    return 0L;
  }

  /** Of the data plane, ms since 1970. */
  public long heartbeatMs() {
    return 0L;
  }

  /** Visits every counter. */
  public void forEach(final CounterVisitor visitor) {}

  /** The value of the counter with this label. */
  public OptionalLong value(final String label) {
    return OptionalLong.empty();
  }
}
