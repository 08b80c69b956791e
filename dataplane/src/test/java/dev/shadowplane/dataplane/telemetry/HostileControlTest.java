package dev.shadowplane.dataplane.telemetry;

import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.HEAD_POSITION_OFFSET;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control that writes whatever it likes into its files; the data plane must go on. */
final class HostileControlTest {
  @TempDir private Path root;
  private Path run;
  private TestDataplane dataplane;
  private AttachFile request;
  private RingFiles files;

  @BeforeEach
  void attach() throws IOException {
    run = root.resolve("run");
    dataplane = new TestDataplane(root);
    request = AttachFile.open(run);
    request.request(42);
    Await.until("attachment", dataplane::poll, () -> request.answeredNonce() == 42);
    files = RingFiles.open(run, 1, 1, 2);
  }

  @AfterEach
  void end() {
    files.unmap();
    request.close();
    dataplane.close();
    assertThat(Await.ringFolders(run)).isEmpty();
    assertThat(Await.mappedRings(root)).isEmpty();
  }

  /** The fault is counted and named, the rings go, and an honest control can attach. */
  private void assertDetachedByFault(final String reason) {
    Await.until("detachment", this::pollAsAConductor, () -> Await.ringFolders(run).isEmpty());
    assertThat(dataplane.server.lastDetachReason()).contains(reason);
    assertThat(dataplane.counter("faults")).isOne();
    assertThat(dataplane.counter("attached")).isZero();
    assertThat(dataplane.rings.calls).containsExactly("attached 1", "detach");
    try (TestControl honest = new TestControl(root, Duration.ofSeconds(10))) {
      Await.until(
          "an honest attachment",
          () -> {
            dataplane.poll();
            honest.client.doWork();
          },
          honest.client::isAttached);
      assertThat(honest.calls).containsExactly("attached 1 2");
    }
  }

  /** The JVM may raise the error of a file cut short after the access: a conductor goes on. */
  private void pollAsAConductor() {
    try {
      dataplane.poll();
    } catch (final InternalError e) {
      assertThat(e).hasMessageContaining("unsafe memory access");
    }
  }

  @Test
  void impossibleCommandDetaches() {
    files.commands().putInt(4, CommandType.PORTS.id());
    files.commands().putIntRelease(0, Integer.MAX_VALUE);
    assertDetachedByFault("command ring: length 2147483647");
  }

  @Test
  void unknownCommandDetaches() {
    files.commands().putInt(4, 99);
    files.commands().putIntRelease(0, 24);
    assertDetachedByFault("unknown command type 99");
  }

  @Test
  void spentRequestIsNotAnsweredAgain() {
    files.commands().putIntRelease(0, 3);
    Await.until("detachment", dataplane::poll, () -> Await.ringFolders(run).isEmpty());
    final long nowNs = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      dataplane.server.poll(nowNs + i * 10_000_000L);
    }
    assertThat(dataplane.counter("control-epoch")).isOne();
    assertThat(request.answeredNonce()).isZero();
  }

  @Test
  void eventRingWithImpossiblePositionDetaches() {
    final int capacity = TestDataplane.CONFIG.eventRingBytes();
    files.events().putLong(capacity + HEAD_POSITION_OFFSET, Long.MIN_VALUE);
    while (dataplane.server.events().event(100, "x".repeat(5_000))) {
      assertThat(dataplane.counter("faults")).isZero();
    }
    assertDetachedByFault("event ring: impossible consumer position");
  }

  @Test
  void recordRingWithImpossiblePositionDetaches() {
    final int capacity = TestDataplane.CONFIG.recordRingBytes();
    files.records().get(1).putLong(capacity + HEAD_POSITION_OFFSET, 1L << 40);
    final RecordRing ring = dataplane.rings.rings.get(1);
    int offset;
    while ((offset = ring.claim(1_000)) >= 0) {
      ring.commit(offset);
    }
    assertThat(offset).isEqualTo(RecordRing.BROKEN);
    assertDetachedByFault("record ring of worker 1");
  }

  @Test
  void ringCutShortDetaches() throws IOException {
    cut(run.resolve("control-1-1").resolve("commands.ring"));
    assertDetachedByFault("cut short");
  }

  @Test
  void requestFileCutShortIsReplaced() throws IOException {
    cut(run.resolve("attach.dat"));
    assertDetachedByFault("cut short");
  }

  @Test
  void pidThatDoesNotExistDetaches() {
    request.request(43);
    final UnsafeBuffer raw = raw();
    raw.putLong(128, Long.MIN_VALUE);
    Await.until(
        "detachment",
        dataplane::poll,
        () -> dataplane.server.lastDetachReason().contains("pid -9223372036854775808"));
    assertThat(dataplane.counter("faults")).isZero();
  }

  private UnsafeBuffer raw() {
    try {
      return new UnsafeBuffer(
          TelemetryFiles.map(run.resolve("attach.dat"), FileChannel.MapMode.READ_WRITE));
    } catch (final IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Noise in every file, over many attachments: each poll returns, each attachment is let go. */
  @Test
  void noiseEverywhereNeverStopsTheDataPlane() throws IOException {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final UnsafeBuffer raw = raw();
    long nowNs = System.nanoTime();
    for (int round = 0; round < 30; round++) {
      final long nonce = 1_000L + round;
      request.request(nonce);
      while (request.answeredNonce() != nonce) {
        nowNs += 2_000_000;
        dataplane.server.poll(nowNs);
      }
      files.unmap();
      files = RingFiles.open(run, 1, request.controlEpoch(), 2);
      final Consumer<UnsafeBuffer> scribble =
          buffer -> {
            final int at = random.nextInt(buffer.capacity() / 4) * 4;
            buffer.putInt(random.nextBoolean() ? at : at & 0xff, random.nextInt(100) - 20);
          };
      for (int i = 0; i < 2_000; i++) {
        scribble.accept(files.commands());
        scribble.accept(files.events());
        scribble.accept(files.records().get(random.nextInt(2)));
        if (random.nextInt(500) == 0) {
          raw.putLong(128 + 8 * random.nextInt(4), random.nextLong());
        }
        dataplane.server.events().event(100, "x".repeat(random.nextInt(2_000)));
        for (final RecordRing ring : dataplane.rings.rings) {
          final int offset = ring.claim(random.nextInt(2_000));
          if (offset >= 0) {
            ring.commit(offset);
          }
        }
        nowNs += 100_000;
        assertThat(dataplane.server.poll(nowNs)).as("seed %d", seed).isGreaterThanOrEqualTo(0);
      }
    }
    assertThat(dataplane.counter("faults")).as("seed %d", seed).isPositive();
    assertThat(dataplane.counter("failures")).isZero();
  }

  private static void cut(final Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(0);
    }
  }
}
