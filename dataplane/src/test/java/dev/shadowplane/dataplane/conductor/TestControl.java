package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.telemetry.AttachmentClient;
import dev.shadowplane.dataplane.telemetry.AttachmentListener;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import dev.shadowplane.dataplane.telemetry.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/** Control, attached from within the test, its duty cycles run between those of the data plane. */
final class TestControl implements AutoCloseable {
  final AttachmentClient client;
  private final RingLab lab;

  /** Leaves records where they are. */
  static final class NoRecords implements RecordRings<OneToOneRingBuffer> {
    @Override
    public void attached(long controlEpoch, List<OneToOneRingBuffer> ringsByWorker) {}

    @Override
    public void detach() {}

    @Override
    public boolean released() {
      return true;
    }
  }

  /** Hears nothing. */
  static final class Deaf implements AttachmentListener {
    @Override
    public void attached(long dataplaneEpoch, long controlEpoch) {}

    @Override
    public void detached(String reason) {}

    @Override
    public void event(int type, String text) {}
  }

  TestControl(RingLab lab) {
    this(lab, new NoRecords());
  }

  TestControl(RingLab lab, RecordRings<OneToOneRingBuffer> records) {
    this.lab = lab;
    client = client(lab.run(), records);
    lab.until("the attachment", () -> client.doWork() >= 0 && client.isAttached());
  }

  static AttachmentClient client(Path run, RecordRings<OneToOneRingBuffer> records) {
    return new AttachmentClient(run, Duration.ofSeconds(20), new Deaf(), records);
  }

  /** Carries out one command. */
  Reply command(CommandType type, String body) {
    final CompletableFuture<Reply> reply = client.submit(type, body);
    lab.until("the reply", () -> client.doWork() >= 0 && reply.isDone());
    return reply.join();
  }

  @Override
  public void close() {
    client.close();
  }
}
