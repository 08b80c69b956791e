package dev.shadowplane.dataplane.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, ended by SIGKILL in the middle of what they do. */
final class KillTest {
  @TempDir private Path root;

  @Test
  void killedControlLeavesNothingBehind() {
    final long seed = System.nanoTime();
    System.out.println("KillTest control seed " + seed);
    final Random random = new Random(seed);
    final Path run = root.resolve("run");
    final AtomicLong commands = new AtomicLong();
    try (CountersFile counters = CountersFile.create(run, root.resolve("state"), 64);
        TestWorker worker = new TestWorker();
        AttachmentServer server =
            new AttachmentServer(
                counters,
                TestDataplane.CONFIG,
                (id, type, body, events) -> {
                  commands.incrementAndGet();
                  events.reply(id, ReplyStatus.OK, type + ":" + body);
                },
                worker)) {
      final Runnable poll =
          () -> {
            if (server.poll(System.nanoTime()) == 0) {
              LockSupport.parkNanos(1_000);
            }
          };
      for (int kill = 1; kill <= 20; kill++) {
        try (ChildJvm control = new ChildJvm(ControlMain.class, root)) {
          final long killAt = commands.get() + 1 + random.nextInt(5_000);
          Await.until(
              "commands of control " + kill + ", seed " + seed,
              () -> {
                control.assertRunning();
                poll.run();
              },
              () -> commands.get() >= killAt);
          assertThat(server.controlEpoch()).isEqualTo(kill);
          assertThat(Await.ringFolders(run)).containsExactly("control-1-" + kill);
          assertThat(Await.mappedRings(root)).hasSize(4);
          assertThat(control.kill()).as("seed %d", seed).isEmpty();
        }
        final long cycles = worker.cycles();
        Await.until(
            "detachment " + kill + ", seed " + seed,
            poll,
            () -> !server.isAttached() && Await.ringFolders(run).isEmpty());
        assertThat(Await.mappedRings(root)).isEmpty();
        assertThat(server.lastDetachReason()).contains("has ended");
        Await.until("the worker goes on", poll, () -> worker.cycles() > cycles + 10);
      }
      assertThat(CountersView.open(run).value("attachment.faults")).hasValue(0);
      assertThat(CountersView.open(run).value("attachment.failures")).hasValue(0);
    }
  }

  @Test
  void killedDataPlaneIsFoundAgainWhenItWasRestarted() {
    final long seed = System.nanoTime();
    System.out.println("KillTest data plane seed " + seed);
    final Random random = new Random(seed);
    final Path run = root.resolve("run");
    try (TestControl control = new TestControl(root, Duration.ofSeconds(30))) {
      for (int start = 1; start <= 10; start++) {
        final List<CompletableFuture<Reply>> futures = new ArrayList<>();
        try (ChildJvm dataplane = new ChildJvm(DataplaneMain.class, root)) {
          Await.until(
              "attachment " + start + ", seed " + seed,
              () -> {
                dataplane.assertRunning();
                control.client.doWork();
              },
              control.client::isAttached);
          assertThat(control.client.dataplaneEpoch()).isEqualTo(start);
          final int killAt = 1 + random.nextInt(2_000);
          final AtomicLong replies = new AtomicLong();
          Await.until(
              "replies, seed " + seed,
              () -> {
                for (int i = futures.size(); i < replies.get() + 64; i++) {
                  futures.add(
                      control.client.submit(CommandType.STATUS, "x".repeat(random.nextInt(2_000))));
                  futures.getLast().thenRun(replies::incrementAndGet).isDone();
                }
                control.client.doWork();
              },
              () -> replies.get() >= killAt);
          assertThat(dataplane.kill()).as("seed %d", seed).isEmpty();
        }
        futures.add(control.client.submit(CommandType.STATUS, "to a data plane that is dead"));
        Await.until(
            "loss " + start + ", seed " + seed,
            control.client::doWork,
            () -> !control.client.isAttached() && Await.mappedRings(root).isEmpty());
        assertThat(futures).allMatch(CompletableFuture::isDone);
        assertThat(futures.getLast().exceptionNow()).isInstanceOf(AttachmentLostException.class);
        assertThat(futures)
            .allMatch(future ->
                future.isCompletedExceptionally()
                    ? future.exceptionNow() instanceof AttachmentLostException
                    : future.join().status() == ReplyStatus.OK);
      }
      assertThat(control.calls).hasSize(20);
    }
    try (TestDataplane last = new TestDataplane(root)) {
      assertThat(last.counters.epoch()).isEqualTo(11);
      assertThat(Await.ringFolders(run)).isEmpty();
    }
  }
}
