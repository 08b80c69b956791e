package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;
import java.util.OptionalLong;

/** WIP. */
public final class CountersView {
  /** Opens read-only; TelemetryException when there is none, or of another version. */
  public static CountersView open(final Path directory) {
    throw new UnsupportedOperationException();
  }

  /** Follows to the file of a restarted data plane; true when the file was replaced. */
  public boolean refresh() {
    throw new UnsupportedOperationException();
  }

  /** By heartbeat and pid. */
  public boolean isAlive() {
    throw new UnsupportedOperationException();
  }

  /** Of the data plane. */
  public long epoch() {
    throw new UnsupportedOperationException();
  }

  /** Of the data plane. */
  public long pid() {
    throw new UnsupportedOperationException();
  }

  /** Of the data plane, ms since 1970. */
  public long startTimeMs() {
    throw new UnsupportedOperationException();
  }

  /** Of the data plane, ms since 1970. */
  public long heartbeatMs() {
    throw new UnsupportedOperationException();
  }

  /** Visits every counter. */
  public void forEach(final CounterVisitor visitor) {
    throw new UnsupportedOperationException();
  }

  /** The value of the counter with this label. */
  public OptionalLong value(final String label) {
    throw new UnsupportedOperationException();
  }
}
