package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/** A control that submits commands and reads records as fast as it can; prints what is wrong. */
final class ControlMain {
  private static final int OUTSTANDING = 32;

  private long lastSequence;

  private ControlMain() {}

  /** Runs until killed. */
  public static void main(final String[] args) {
    new ControlMain().run(Path.of(args[0]));
  }

  private void run(final Path root) {
    final TestControl control = new TestControl(root, Duration.ofSeconds(30));
    control.client.connect(Duration.ofSeconds(30));
    final Random random = new Random();
    final Queue<Map.Entry<String, CompletableFuture<Reply>>> outstanding = new ArrayDeque<>();
    while (true) {
      while (outstanding.size() < OUTSTANDING) {
        final String body = "x".repeat(random.nextInt(4_000));
        outstanding.add(
            Map.entry("RULE_ADD:" + body, control.client.submit(CommandType.RULE_ADD, body)));
      }
      control.client.doWork();
      for (final OneToOneRingBuffer ring : control.rings.rings) {
        ring.read((type, buffer, index, length) -> check(buffer, index, length), 64);
      }
      while (!outstanding.isEmpty() && outstanding.element().getValue().isDone()) {
        final Map.Entry<String, CompletableFuture<Reply>> first = outstanding.remove();
        if (!first.getValue().join().text().equals(first.getKey())) {
          System.out.println("WRONG reply to " + first.getKey());
        }
      }
    }
  }

  private void check(final DirectBuffer buffer, final int index, final int length) {
    final long sequence = buffer.getLong(index + RecordRing.BATCH_TIMESTAMP_OFFSET);
    final int count = buffer.getInt(index + RecordRing.BATCH_COUNT_OFFSET);
    boolean right = sequence > lastSequence && length == RecordRing.BATCH_HEADER_LENGTH + 8 * count;
    for (int i = 0; i < count && right; i++) {
      right = buffer.getLong(index + RecordRing.BATCH_HEADER_LENGTH + 8 * i) == sequence + i;
    }
    if (!right) {
      System.out.println("WRONG batch " + sequence + " after " + lastSequence);
    }
    lastSequence = sequence;
  }
}
