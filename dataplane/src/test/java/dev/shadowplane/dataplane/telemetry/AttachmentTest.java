package dev.shadowplane.dataplane.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ends in one JVM and on one thread. */
final class AttachmentTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @TempDir private Path root;
  private TestDataplane dataplane;
  private TestControl control;

  @BeforeEach
  void start() {
    dataplane = new TestDataplane(root);
    control = new TestControl(root, TIMEOUT);
  }

  @AfterEach
  void end() {
    control.close();
    dataplane.close();
    assertThat(Await.ringFolders(root.resolve("run"))).isEmpty();
    assertThat(Await.mappedRings(root)).isEmpty();
  }

  private void step() {
    dataplane.poll();
    control.client.doWork();
  }

  private void attach() {
    Await.until("attachment", this::step, control.client::isAttached);
  }

  private Reply reply(final CompletableFuture<Reply> future) {
    Await.until("reply", this::step, future::isDone);
    return future.join();
  }

  @Test
  void everyCommandIsAnsweredWithItsOwnReply() {
    attach();
    final Map<CommandType, CompletableFuture<Reply>> futures = new EnumMap<>(CommandType.class);
    for (final CommandType type : CommandType.values()) {
      futures.put(type, control.client.submit(type, "body of " + type + " äö"));
    }
    futures.forEach((type, future) ->
        assertThat(reply(future))
            .isEqualTo(new Reply(ReplyStatus.OK, type + ":body of " + type + " äö")));
    dataplane.handler =
        (id, type, body, events) -> events.reply(id, ReplyStatus.valueOf(body), "because");
    for (final ReplyStatus status : ReplyStatus.values()) {
      assertThat(reply(control.client.submit(CommandType.RULE_ADD, status.name())))
          .isEqualTo(new Reply(status, "because"));
    }
    assertThat(dataplane.counter("commands"))
        .isEqualTo(CommandType.values().length + ReplyStatus.values().length);
    assertThat(control.calls).containsExactly("attached 1 1");
  }

  @Test
  void onePollTakesOneCommand() {
    attach();
    final List<CompletableFuture<Reply>> futures = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      futures.add(control.client.submit(CommandType.STATUS, ""));
    }
    control.client.doWork();
    for (int i = 1; i <= 5; i++) {
      dataplane.poll();
      assertThat(dataplane.counter("commands")).isEqualTo(i);
    }
    assertThat(reply(futures.getLast()).status()).isEqualTo(ReplyStatus.OK);
  }

  @Test
  void replyMayComeInALaterDutyCycle() {
    attach();
    final long[] asked = new long[1];
    dataplane.handler = (id, type, body, events) -> asked[0] = id;
    final CompletableFuture<Reply> future = control.client.submit(CommandType.RULE_ADD, "r");
    Await.until("command", this::step, () -> asked[0] != 0);
    step();
    assertThat(future).isNotDone();
    dataplane.server.events().reply(asked[0], ReplyStatus.OK, "published");
    assertThat(reply(future).text()).isEqualTo("published");
  }

  @Test
  void eventsArriveInOrderAmongReplies() {
    attach();
    final EventSender events = dataplane.server.events();
    assertThat(events.event(100, "link down")).isTrue();
    assertThat(events.event(101, "link up")).isTrue();
    Await.until("events", this::step, () -> control.calls.size() == 3);
    assertThat(control.calls)
        .containsExactly("attached 1 1", "event 100 link down", "event 101 link up");
    assertThatThrownBy(() -> events.event(1, "")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void recordsOfEachWorkerArriveInItsOwnRing() {
    attach();
    assertThat(dataplane.rings.rings).hasSize(2);
    for (int worker = 0; worker < 2; worker++) {
      final RecordRing ring = dataplane.rings.rings.get(worker);
      final int offset = ring.claim(RecordRing.BATCH_HEADER_LENGTH + 8);
      ring.buffer().putLong(offset + RecordRing.BATCH_TIMESTAMP_OFFSET, 1_000L + worker);
      ring.buffer().putInt(offset + RecordRing.BATCH_COUNT_OFFSET, 1);
      ring.buffer().putInt(offset + RecordRing.BATCH_RESERVED_OFFSET, 0);
      ring.buffer().putLong(offset + RecordRing.BATCH_HEADER_LENGTH, 77L + worker);
      ring.commit(offset);
    }
    for (int worker = 0; worker < 2; worker++) {
      final List<Long> seen = new ArrayList<>();
      control
          .rings
          .rings
          .get(worker)
          .read((type, buffer, index, length) -> {
            seen.add((long) type);
            seen.add((long) length);
            seen.add(buffer.getLong(index));
            seen.add((long) buffer.getInt(index + 8));
            seen.add(buffer.getLong(index + 16));
          });
      assertThat(seen).containsExactly(1L, 24L, 1_000L + worker, 1L, 77L + worker);
    }
  }

  @Test
  void bodiesUpToAnEighthOfTheRingPassAndLongerOnesAreRefused() {
    attach();
    final int longest = (1 << 16) / 8 - 16;
    final String body = "é".repeat(longest / 2);
    assertThat(reply(control.client.submit(CommandType.RULES_REPLACE, body)).text())
        .isEqualTo("RULES_REPLACE:" + body);
    final CompletableFuture<Reply> tooLong =
        control.client.submit(CommandType.RULES_REPLACE, body + "x");
    Await.until("refusal", this::step, tooLong::isDone);
    assertThat(tooLong.exceptionNow())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of 8177 bytes, more than the 8176 that fit");
    assertThat(dataplane.counter("faults")).isZero();
  }

  @Test
  void overlongReplySaysSo() {
    attach();
    dataplane.handler =
        (id, type, body, events) -> events.reply(id, ReplyStatus.OK, "x".repeat(1 << 17));
    final Reply reply = reply(control.client.submit(CommandType.RULES_LIST, ""));
    assertThat(reply.status()).isEqualTo(ReplyStatus.FAILED);
    assertThat(reply.text()).contains("reply of 131072 bytes").contains("event ring");
  }

  @Test
  void handlerThatThrowsIsAFailedReply() {
    attach();
    dataplane.handler =
        (id, type, body, events) -> {
          throw new IllegalStateException("no such thing");
        };
    assertThat(reply(control.client.submit(CommandType.PORTS, "")))
        .isEqualTo(
            new Reply(
                ReplyStatus.FAILED,
                "PORTS failed: java.lang.IllegalStateException: no such thing"));
    assertThat(dataplane.counter("command-errors")).isOne();
    assertThat(dataplane.server.isAttached()).isTrue();
  }

  @Test
  void commandWithoutReplyTimesOut() {
    control.close();
    control = new TestControl(root, Duration.ofMillis(50));
    attach();
    dataplane.handler = (id, type, body, events) -> {};
    final CompletableFuture<Reply> future = control.client.submit(CommandType.STATUS, "");
    Await.until("timeout", this::step, future::isDone);
    assertThat(future.exceptionNow())
        .isInstanceOf(TimeoutException.class)
        .hasMessage("STATUS: no reply within 50 ms");
    assertThat(control.client.isAttached()).isTrue();
  }

  @Test
  void submissionsWithoutDataPlaneFailAndTooManyAreRefused() {
    dataplane.close();
    final List<CompletableFuture<Reply>> futures = new ArrayList<>();
    for (int i = 0; i < 1_025; i++) {
      futures.add(control.client.submit(CommandType.STATUS, ""));
    }
    assertThat(futures.getLast().exceptionNow()).isInstanceOf(RejectedExecutionException.class);
    assertThat(futures.getFirst()).isNotDone();
    control.client.doWork();
    assertThat(futures.getFirst().exceptionNow())
        .isInstanceOf(AttachmentLostException.class)
        .hasMessageContaining("not attached");
    dataplane = new TestDataplane(root);
  }

  @Test
  void commandsWaitWhileControlDoesNotReadItsEvents() {
    attach();
    final EventSender events = dataplane.server.events();
    while (events.event(100, "x".repeat(1000))) {
      assertThat(dataplane.counter("faults")).isZero();
    }
    assertThat(dataplane.counter("events-shed")).isOne();
    final CompletableFuture<Reply> future = control.client.submit(CommandType.STATUS, "late");
    // The client writes the command and reads but a few of the events.
    control.client.doWork();
    dataplane.poll();
    assertThat(dataplane.counter("commands")).isZero();
    assertThat(reply(future).text()).isEqualTo("STATUS:late");
  }

  @Test
  void secondControlIsRefusedUntilTheFirstHasEnded() {
    attach();
    try (TestControl second = new TestControl(root, TIMEOUT)) {
      assertThatThrownBy(() -> second.client.connect(Duration.ofSeconds(1)))
          .isInstanceOf(TelemetryException.class)
          .hasMessageContaining("another control is attached")
          .hasMessageContaining("control.lock");
    }
    assertThat(control.client.isAttached()).isTrue();
    control.close();
    control = new TestControl(root, TIMEOUT);
    attach();
    assertThat(control.calls).containsExactly("attached 1 2");
  }

  @Test
  void connectNamesWhatIsMissing() {
    final AttachmentClient nowhere =
        new AttachmentClient(root.resolve("nowhere"), TIMEOUT, control, control.rings);
    assertThatThrownBy(() -> nowhere.connect(Duration.ofMillis(20)))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("nowhere/counters.dat does not exist");
    assertThatThrownBy(() -> control.client.connect(Duration.ofMillis(20)))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("runs and does not answer");
    dataplane.close();
    final TestControl late = new TestControl(root, TIMEOUT);
    assertThatThrownBy(() -> late.client.connect(Duration.ofMillis(20)))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("does not run: start it");
    dataplane = new TestDataplane(root);
  }

  @Test
  void silentControlIsDetachedAndMayComeBack() {
    attach();
    final long nowNs = System.nanoTime();
    dataplane.server.poll(nowNs + 10_000_000);
    dataplane.server.poll(nowNs + 1_900_000_000);
    assertThat(dataplane.server.isAttached()).isTrue();
    dataplane.server.poll(nowNs + 4_000_000_000L);
    assertThat(dataplane.server.isAttached()).isFalse();
    assertThat(dataplane.server.lastDetachReason())
        .isEqualTo("no heartbeat of control for 2000 ms");
    assertThat(dataplane.counter("attached")).isZero();
    Await.until(
        "a second attachment",
        () -> {
          dataplane.server.poll(System.nanoTime() + 5_000_000_000L);
          control.client.doWork();
        },
        () -> control.client.controlEpoch() == 2);
    assertThat(control.calls)
        .containsExactly("attached 1 1", "detached the data plane has let go", "attached 1 2");
    assertThat(dataplane.counter("faults")).isZero();
    assertThat(dataplane.counter("control-epoch")).isEqualTo(2);
  }

  @Test
  void ringsStayMappedUntilTheWorkersHaveLetGo() {
    attach();
    dataplane.rings.letsGo = false;
    final RecordRing held = dataplane.rings.rings.get(1);
    control.close();
    Await.until("detach", dataplane::poll, () -> dataplane.rings.calls.contains("detach"));
    control = new TestControl(root, TIMEOUT);
    for (int i = 0; i < 1_000; i++) {
      step();
      held.commit(held.claim(32));
      final int[] read = new int[1];
      read[0] = held.buffer().getInt(0);
      assertThat(read[0]).isEqualTo(40);
    }
    assertThat(Await.ringFolders(root.resolve("run"))).containsExactly("control-1-1");
    assertThat(Await.mappedRings(root)).hasSize(4);
    assertThat(control.client.isAttached()).isFalse();
    dataplane.rings.letsGo = true;
    attach();
    assertThat(dataplane.rings.calls).containsExactly("attached 1", "detach", "attached 2");
    assertThat(Await.ringFolders(root.resolve("run"))).containsExactly("control-1-2");
    assertThat(Await.mappedRings(root)).hasSize(8).allMatch(line -> line.contains("control-1-2"));
  }

  @Test
  void restartedDataPlaneIsFoundAgain() {
    attach();
    dataplane.handler = (id, type, body, events) -> {};
    final CompletableFuture<Reply> pending = control.client.submit(CommandType.RULE_ADD, "r");
    step();
    dataplane.close();
    Await.until("loss", control.client::doWork, () -> !control.client.isAttached());
    assertThat(pending.exceptionNow())
        .isInstanceOf(AttachmentLostException.class)
        .hasMessageContaining("RULE_ADD was sent and has no reply");
    dataplane = new TestDataplane(root);
    attach();
    assertThat(control.client.dataplaneEpoch()).isEqualTo(2);
    assertThat(control.calls).hasSize(3).endsWith("attached 2 1");
    assertThat(control.calls.get(1)).startsWith("detached the data plane");
    assertThat(control.rings.calls).containsExactly("attached 1", "detach", "attached 1");
    assertThat(reply(control.client.submit(CommandType.PORTS, "p")).text()).isEqualTo("PORTS:p");
    final CountersView counters = Objects.requireNonNull(control.client.counters());
    assertThat(counters.epoch()).isEqualTo(2);
    assertThat(counters.value("attachment.attached")).hasValue(1);
  }

  @Test
  void afterCloseNothingIsTouchedAndSubmissionsFail() {
    attach();
    final CompletableFuture<Reply> pending = control.client.submit(CommandType.STATUS, "");
    control.client.doWork();
    control.close();
    assertThat(pending.exceptionNow()).isInstanceOf(AttachmentLostException.class);
    assertThat(control.client.submit(CommandType.STATUS, "").exceptionNow())
        .isInstanceOf(AttachmentLostException.class)
        .hasMessageContaining("closed");
    assertThat(control.client.doWork()).isZero();
    dataplane.server.close();
    assertThat(dataplane.poll()).isZero();
    assertThat(dataplane.server.events().event(100, "nobody")).isFalse();
  }

  @Test
  void leftoversOfADeadDataPlaneAreDeleted() throws Exception {
    dataplane.close();
    final Path leftover = root.resolve("run").resolve("control-1-7");
    Files.createDirectory(leftover);
    Files.write(leftover.resolve("commands.ring"), new byte[10]);
    dataplane = new TestDataplane(root);
    assertThat(leftover).doesNotExist();
  }

  @Test
  void filesOfControlHaveTheModesOfTheContract() throws Exception {
    attach();
    final Path run = root.resolve("run");
    assertThat(mode(run.resolve("control.lock"))).isEqualTo("rw-rw----");
    assertThat(mode(run.resolve("attach.dat"))).isEqualTo("rw-rw----");
    assertThat(mode(run.resolve("control-1-1"))).isEqualTo("rwxr-x---");
    for (final String ring :
        List.of("commands.ring", "events.ring", "records-0.ring", "records-1.ring")) {
      assertThat(mode(run.resolve("control-1-1").resolve(ring))).isEqualTo("rw-rw----");
    }
  }

  private static String mode(final Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
