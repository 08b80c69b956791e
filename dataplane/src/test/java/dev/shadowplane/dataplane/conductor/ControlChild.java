package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.telemetry.AttachmentClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A control in a process of its own, until it is killed. */
final class ControlChild {
  private ControlChild() {}

  /** Attaches to the data plane of a folder. */
  public static void main(String[] arguments) {
    final AttachmentClient client =
        TestControl.client(Path.of(arguments[0]), new TestControl.NoRecords());
    client.connect(Duration.ofSeconds(20));
    System.out.println("attached");
    while (true) {
      client.doWork();
      LockSupport.parkNanos(100_000);
    }
  }
}
