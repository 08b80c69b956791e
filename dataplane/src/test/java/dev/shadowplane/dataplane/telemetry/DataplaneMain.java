package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A data plane that answers commands. */
final class DataplaneMain {
  private DataplaneMain() {}

  /** Runs until killed. */
  public static void main(final String[] args) {
    final TestDataplane dataplane = new TestDataplane(Path.of(args[0]));
    while (true) {
      if (dataplane.poll() == 0) {
        LockSupport.parkNanos(1_000);
      }
    }
  }
}
