package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A journal with its agent, driven by hand, under a clock that only the test moves. */
final class TestJournal implements AutoCloseable {
  static final int RING_BYTES = 1 << 20;
  static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);

  final TestFrames frames = new TestFrames();
  final TestLedger ledger = new TestLedger();
  final JournalRing ring;
  final List<JournalRing> rings;
  final JournalWriter writer;
  final JournalAgent agent;
  final JournalHelper helper;
  final Retained retained = new Retained();
  final Counters counters = new Counters();
  long epochMs;
  long nowNs;

  static final class Retained implements JournalHelperListener {
    long files;
    long bytes;
    long bytesLeft;
    final List<String> failures = new ArrayList<>();

    @Override
    public void deleted(long moreFiles, long moreBytes, long left) {
      files += moreFiles;
      bytes += moreBytes;
      bytesLeft = left;
    }

    @Override
    public void selfTested(JournalSelfTest.Result result) {
      throw new AssertionError("by hand only");
    }

    @Override
    public void failed(String reason) {
      failures.add(reason);
    }
  }

  static final class Counters implements PortCounters {
    final long[] received = new long[8];
    final long[] shed = new long[8];

    @Override
    public long receivedFrames(int portIndex) {
      return received[portIndex];
    }

    @Override
    public long shedFrames(int portIndex) {
      return shed[portIndex];
    }
  }

  TestJournal(Path folder) throws JournalException {
    this(folder, TestFrames.START_NS / 1_000_000);
  }

  TestJournal(Path folder, long epochMs) throws JournalException {
    this(folder, epochMs, 1);
  }

  TestJournal(Path folder, long epochMs, int queues) throws JournalException {
    this(folder, epochMs, queues, JournalOptions.Retention.NONE);
  }

  TestJournal(Path folder, long epochMs, int queues, JournalOptions.Retention retention)
      throws JournalException {
    this.epochMs = epochMs;
    JournalOptions options =
        new JournalOptions(
            folder,
            queues,
            TestFrames.PORTS,
            2_000,
            32,
            JournalOptions.MIN_BATCH_BYTES,
            0,
            TimeUnit.SECONDS.toNanos(1),
            RETRY_NS,
            retention);
    writer = new JournalWriter(options, ledger, counters, () -> this.epochMs, () -> nowNs);
    rings = Stream.generate(() -> JournalRing.allocate(RING_BYTES)).limit(queues).toList();
    ring = rings.getFirst();
    agent = new JournalAgent(writer, rings, 1_000);
    helper = new JournalHelper(writer, retained, () -> this.epochMs, () -> nowNs);
  }

  /** Sends frames [from, to) through ring and agent; the ring has room for each. */
  void journal(long from, long to) {
    journal(0, from, to);
  }

  /** The same through the ring of one queue. */
  void journal(int queue, long from, long to) {
    for (long number = from; number < to; number++) {
      if (!frames.write(rings.get(queue), number)) {
        drain();
        assertThat(frames.write(rings.get(queue), number)).isTrue();
      }
    }
    drain();
  }

  void drain() {
    while (agent.doWork() > 0 || rings.stream().anyMatch(each -> each.ring().size() > 0)) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    agent.onClose();
  }

  /** The numbers of all frames in a journal without damage, each checked byte by byte. */
  static List<Long> numbers(Path folder) throws IOException {
    return numbers(folder, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  static List<Long> numbers(Path folder, long fromNs, long toNs) throws IOException {
    TestFrames frames = new TestFrames();
    List<Long> numbers = new ArrayList<>();
    try (JournalReader reader = new JournalReader(folder, fromNs, toNs, new JournalEvents() {})) {
      while (reader.next()) {
        numbers.add(frames.check(reader));
      }
    }
    return numbers;
  }

  static List<Long> range(long from, long to) {
    List<Long> numbers = new ArrayList<>();
    for (long number = from; number < to; number++) {
      numbers.add(number);
    }
    return numbers;
  }
}
