package dev.shadowplane.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.ForwardPair;
import dev.shadowplane.dataplane.config.JournalConfig;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.WorkerConfig;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.telemetry.AttachmentClient;
import dev.shadowplane.dataplane.telemetry.AttachmentListener;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers on threads of their own. */
final class WorkerThreadTest extends DpdkTest {
  private static final int PINNED_CORE = Runtime.getRuntime().availableProcessors() - 1;

  /**
   * Nothing is allocated a packet or a burst; what the JVM books to a thread once, when it leaves
   * compiled code, stays far below a byte in a hundred packets.
   */
  private static final long ALLOCATED_BYTES = 1_024;

  /**
   * The queue maps a new block of 64 MB now and then: some hundred bytes, for all of its frames.
   */
  private static final long JOURNAL_ALLOCATED_BYTES = 16_384;

  private static final long PACKETS = 1_000_000;
  private static final RuleTarget SHADOW = new RuleTarget.Port("shadow");

  @TempDir private Path root;

  private static long threadId(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no thread " + name))
        .threadId();
  }

  /** Ports that make and swallow frames as fast as a core polls. */
  private static DataPlaneConfig atFullSpeed(RingLab lab, RuleTarget... targets) {
    lab.with("a", "net_null").with("b", "net_null").with("shadow", "net_null").shadow("shadow");
    final DataPlaneConfig config = lab.config(new Rule("all", 0, Match.ALL, 100, List.of(targets)));
    return new DataPlaneConfig(
        config.directory(),
        config.stateDirectory(),
        config.eal(),
        config.mbufs(),
        config.mbufDataBytes(),
        config.ports(),
        List.of(new WorkerConfig(PINNED_CORE, List.of(new ForwardPair("a", "b")))),
        Optional.of(RecordsConfig.DEFAULT),
        1 << 16,
        Optional.of(new JournalConfig(lab.journal(), 1 << 20)),
        config.rules(),
        config.flowHashKey(),
        config.counters());
  }

  private void assertAllocatesNothing(RingLab lab, String thread, String counter, long limitBytes) {
    final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    final long id = threadId(thread);
    final long start = lab.counter(counter) + 3 * PACKETS;
    lab.until("the steady state", () -> lab.counter(counter) > start);
    final long before = threads.getThreadAllocatedBytes(id);
    final long packets = lab.counter(counter);
    lab.until("packets", () -> lab.counter(counter) > packets + PACKETS);
    assertThat(threads.getThreadAllocatedBytes(id) - before)
        .as("bytes that thread %s allocated over a million packets", thread)
        .isLessThan(limitBytes);
  }

  private static void assertNothingLogged(RingLab lab) {
    assertThat(lab.log())
        .allMatch(line -> line.contains("hugepages") || line.startsWith("journal self-test: "));
  }

  @Test
  void theWorkerAllocatesNothingAndClosingInFullFlightReturnsEveryMbuf() throws IOException {
    final RingLab lab = new RingLab(pool(), root, 64);
    try (lab) {
      lab.launch(atFullSpeed(lab, SHADOW));
      assertAllocatesNothing(lab, "worker-0", "rule.all.mirrored.port:shadow", ALLOCATED_BYTES);
      assertThat(lab.counter("worker.0.allocated-bytes")).isLessThan(1 << 20);
      assertThat(lab.counter("port.shadow.standby-dropped-packets")).isGreaterThan(PACKETS / 100);
    }
    assertNothingLogged(lab);
  }

  @Test
  void theJournalAgentAllocatesNothing() throws IOException {
    final RingLab lab = new RingLab(pool(), root, 64);
    try (lab) {
      lab.launch(atFullSpeed(lab, SHADOW, RuleTarget.JOURNAL));
      assertAllocatesNothing(lab, "journal", "journal.frames", JOURNAL_ALLOCATED_BYTES);
      assertAllocatesNothing(lab, "worker-0", "port.a.rx-packets", ALLOCATED_BYTES);
    }
    assertNothingLogged(lab);
  }

  /** Holds the rings and never reads them. */
  private static final class Hoarder
      implements RecordRings<OneToOneRingBuffer>, AttachmentListener {
    @Override
    public void attached(long controlEpoch, List<OneToOneRingBuffer> ringsByWorker) {}

    @Override
    public void detach() {}

    @Override
    public boolean released() {
      return true;
    }

    @Override
    public void attached(long dataplaneEpoch, long controlEpoch) {}

    @Override
    public void detached(String reason) {}

    @Override
    public void event(int type, String text) {}
  }

  /** Control cuts the file of the record ring short, again and again, under traffic. */
  @Test
  void aRecordRingCutShortCostsRecordsOnly() throws IOException {
    try (RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "shadow")) {
      lab.launch(lab.recording(1 << 20, new Rule("all", 0, Match.ALL, 100, List.of(SHADOW))));
      long sent = 0;
      for (int round = 1; round <= 5; round++) {
        final Hoarder hoarder = new Hoarder();
        try (AttachmentClient client =
            new AttachmentClient(lab.run(), Duration.ofSeconds(20), hoarder, hoarder)) {
          lab.until("attachment", () -> client.doWork() >= 0 && client.isAttached());
          sent += exchange(lab, 20);
          final long taken = lab.counter("records.0.taken");
          for (Path ring : recordRings(lab.run())) {
            try (FileChannel channel = FileChannel.open(ring, StandardOpenOption.WRITE)) {
              channel.truncate(0);
            }
          }
          sent += exchange(lab, 200);
          assertThat(lab.counter("records.0.taken")).isGreaterThanOrEqualTo(taken);
          final int faults = round;
          lab.until("the fault is noticed", () -> lab.counter("attachment.faults") == faults);
          sent += exchange(lab, 20);
        }
        lab.until("detached", () -> lab.counter("attachment.attached") == 0);
      }
      assertThat(lab.counter("port.a.rx-packets")).isEqualTo(sent);
      assertThat(lab.counter("rule.all.matched")).isEqualTo(sent);
      assertThat(lab.counter("rule.all.mirrored.port:shadow")).isEqualTo(sent);
      assertThat(lab.log()).isEmpty();
    }
  }

  private static List<Path> recordRings(Path run) throws IOException {
    try (var files = Files.walk(run)) {
      return files
          .filter(file -> file.getFileName().toString().matches("record.*\\.ring"))
          .toList();
    }
  }

  private static long exchange(RingLab lab, int bursts) {
    final List<byte[]> sent = new ArrayList<>();
    final List<byte[]> forwarded = new ArrayList<>();
    final List<byte[]> mirrored = new ArrayList<>();
    for (int i = 0; i < bursts; i++) {
      final byte[][] burst = new byte[RingLab.BURST][];
      for (int k = 0; k < burst.length; k++) {
        burst[k] = Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(i, k).payload(k).bytes();
      }
      lab.send("a", burst);
      sent.addAll(List.of(burst));
      lab.until(
          "a burst",
          () -> {
            forwarded.addAll(lab.receive("b"));
            mirrored.addAll(lab.receive("shadow"));
            return forwarded.size() >= sent.size() && mirrored.size() >= sent.size();
          });
    }
    Traffic.assertFrames("forwarded", forwarded, sent);
    Traffic.assertFrames("mirrored", mirrored, sent);
    return sent.size();
  }
}
