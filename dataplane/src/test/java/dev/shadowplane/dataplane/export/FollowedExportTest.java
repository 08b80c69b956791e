package dev.shadowplane.dataplane.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Exports of a journal that is being written. */
@Timeout(60)
class FollowedExportTest {
  @TempDir private Path folder;

  private final AtomicBoolean cancelled = new AtomicBoolean();

  private final ExportListener listener =
      new ExportListener() {
        @Override
        public boolean isCancelled() {
          return cancelled.get();
        }
      };

  private CompletableFuture<JournalExport.Summary> start(
      ExportOptions options, ExportTarget target) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return JournalExport.run(
            JournalQuery.of(folder.resolve("journal")), options, target, listener);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    });
  }

  private static ExportOptions following(long fromNs, Set<String> rules) {
    return new ExportOptions(
        new FrameSelection(fromNs, Long.MAX_VALUE, List.of(), rules, Set.of(), 0, Long.MAX_VALUE),
        ExportFormat.PCAPNG,
        ExportOptions.UNSPLIT,
        ExportOptions.UNSPLIT,
        true,
        true,
        Optional.empty());
  }

  @Test
  void handsOutEachFrameSoonAfterItCame() throws Exception {
    final Pipe pipe = Pipe.open();
    try (LiveJournal journal = new LiveJournal(folder.resolve("journal"))) {
      journal.write(0, 100);
      final CompletableFuture<JournalExport.Summary> export =
          start(
              following(LiveJournal.sample(50).timestampNs(), Set.of("web")),
              new ChannelTarget(pipe.sink()));
      try (CaptureReader reader = new CaptureReader(pipe.source(), "pipe")) {
        for (long number = 50; number < 400; number++) {
          if (number >= 100) {
            journal.write(number, number + 1);
          }
          final LiveJournal.Sample sample = LiveJournal.sample(number);
          if (sample.rule().equals("web")) {
            assertThat(reader.next()).isTrue();
            assertThat(reader.timestampNs()).isEqualTo(sample.timestampNs());
            assertThat(reader.frame()).isEqualTo(sample.captured());
          }
        }
        cancelled.set(true);
        assertThat(reader.next()).isFalse();
      }
      assertThat(export.get(20, TimeUnit.SECONDS).frames()).isEqualTo(174);
    }
  }

  @Test
  void beginsAtThePresentAndLeavesAWholeFile() throws Exception {
    final Path file = folder.resolve("live.pcapng");
    try (LiveJournal journal = new LiveJournal(folder.resolve("journal"))) {
      journal.writeNow(1);
      final CompletableFuture<JournalExport.Summary> export =
          start(following(0, Set.of()), new FileTarget(file, false));
      final Path part = awaitPart();
      long bytes = Files.size(part);
      for (long number = 2; number < 50; number++) {
        journal.writeNow(number);
        bytes += blockBytes(LiveJournal.sample(number));
      }
      while (Files.size(part) < bytes) {
        Thread.sleep(1);
      }
      assertThat(part).hasSize(bytes);
      cancelled.set(true);
      assertThat(export.get(20, TimeUnit.SECONDS).frames()).isEqualTo(48);
    }
    assertThat(CaptureTool.capinfos(file, "-c")).isEqualTo("48");
    assertThat(CaptureTool.lines("tshark", "-r", file.toString())).hasSize(48);
  }

  /** An enhanced packet block with comment and flags. */
  private static int blockBytes(LiveJournal.Sample sample) {
    final int captured = sample.captured().capacity();
    return 28 + (captured + 3) / 4 * 4 + 4 + (sample.comment().length() + 3) / 4 * 4 + 8 + 4 + 4;
  }

  /** The file in the making, once its header is written. */
  private Path awaitPart() throws Exception {
    while (true) {
      try (var files = Files.list(folder)) {
        final var part =
            files.filter(path -> path.getFileName().toString().endsWith(".part")).findFirst();
        if (part.isPresent() && Files.size(part.get()) > 0) {
          return part.get();
        }
      }
      Thread.sleep(1);
    }
  }

  @Test
  void endsWithItsRange() throws Exception {
    try (LiveJournal journal = new LiveJournal(folder.resolve("journal"))) {
      journal.write(0, 10);
      final ExportOptions options =
          new ExportOptions(
              FrameSelection.between(1, LiveJournal.sample(5).timestampNs()),
              ExportFormat.PCAP,
              0,
              0,
              true,
              true,
              Optional.empty());
      final Path file = folder.resolve("range.pcap");
      final JournalExport.Summary summary =
          start(options, new FileTarget(file, false)).get(20, TimeUnit.SECONDS);
      assertThat(summary.frames()).isEqualTo(5);
      assertThat(ExportedFrames.numbers(file, false)).containsExactly(0L, 1L, 2L, 3L, 4L);
    }
  }
}
