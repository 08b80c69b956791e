package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/** Control's end of an attachment, run by the test, with a record of what it was told. */
final class TestControl implements AttachmentListener, AutoCloseable {
  final List<String> calls = new ArrayList<>();
  final TestRings<OneToOneRingBuffer> rings = new TestRings<>();
  final AttachmentClient client;

  TestControl(final Path root, final Duration commandTimeout) {
    client = new AttachmentClient(root.resolve("run"), commandTimeout, this, rings);
  }

  @Override
  public void attached(final long dataplaneEpoch, final long controlEpoch) {
    calls.add("attached " + dataplaneEpoch + " " + controlEpoch);
  }

  @Override
  public void detached(final String reason) {
    calls.add("detached " + reason);
  }

  @Override
  public void event(final int type, final String text) {
    calls.add("event " + type + " " + text);
  }

  @Override
  public void close() {
    client.close();
  }
}
