package dev.shadowplane.dataplane.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.AnonymisationReader;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are complete, alone and together, or are not there. */
class ExportFilesTest {
  private static final int FRAMES = 1_000;
  private static final long SECOND_NS = 1_000_000_000L;

  @TempDir private static Path journalFolder;

  @TempDir private Path folder;

  private Path file;

  @BeforeAll
  static void journal() throws IOException {
    try (LiveJournal journal = new LiveJournal(journalFolder)) {
      journal.write(0, FRAMES);
    }
  }

  @BeforeEach
  void name() {
    file = folder.resolve("incident.pcapng");
  }

  private static ExportOptions split(ExportFormat format, long bytes, long ns) {
    return new ExportOptions(FrameSelection.ALL, format, bytes, ns, true, false, Optional.empty());
  }

  private JournalExport.Summary export(ExportOptions options, ExportListener listener)
      throws IOException {
    return JournalExport.run(
        JournalQuery.of(journalFolder), options, new FileTarget(file, options.isSplit()), listener);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static List<Long> all() {
    return LongStream.range(0, FRAMES).boxed().toList();
  }

  @Test
  void splitsBySize() throws Exception {
    for (ExportFormat format : ExportFormat.values()) {
      final int limit = (int) ExportOptions.MIN_SPLIT_BYTES;
      final JournalExport.Summary summary =
          export(split(format, limit, ExportOptions.UNSPLIT), ExportListener.NONE);
      final List<Path> files = files();
      assertThat(files).hasSize(summary.files()).hasSizeGreaterThan(3);
      final List<Long> numbers = new ArrayList<>();
      for (Path part : files) {
        assertThat(Files.size(part)).isLessThan(limit + 500);
        final List<Long> ofPart = ExportedFrames.numbers(part, format == ExportFormat.PCAPNG);
        assertThat(CaptureTool.capinfos(part, "-c")).isEqualTo("" + ofPart.size());
        numbers.addAll(ofPart);
        Files.delete(part);
      }
      assertThat(numbers).isEqualTo(all());
    }
  }

  @Test
  void splitsByTimeAndNamesFilesAsDumpcapDoes() throws Exception {
    export(split(ExportFormat.PCAPNG, ExportOptions.UNSPLIT, 30 * SECOND_NS), ExportListener.NONE);
    // Ten frames a second from 20 s after a minute on: 10 s, three times 30 s, no rest.
    assertThat(files().stream().map(part -> part.getFileName().toString()))
        .containsExactly(
            "incident_00001_20260921141320.pcapng",
            "incident_00002_20260921141330.pcapng",
            "incident_00003_20260921141400.pcapng",
            "incident_00004_20260921141430.pcapng");
    assertThat(ExportedFrames.numbers(files().get(1), true))
        .isEqualTo(LongStream.range(100, 400).boxed().toList());
    assertThat(CaptureTool.lines("tshark", "-r", files().get(3).toString())).hasSize(300);
  }

  @Test
  void tellsEachFrameItsRuleAndFlowAndTheFileWhatItHolds() throws Exception {
    export(ExportOptions.pcapng(FrameSelection.between(1, Long.MAX_VALUE)), ExportListener.NONE);
    final List<String> expected =
        LongStream.range(0, FRAMES)
            .mapToObj(LiveJournal::sample)
            .map(sample -> sample.comment() + "\t" + sample.port() + "\t" + sample.originalLength())
            .toList();
    assertThat(
            CaptureTool.lines(
                "tshark",
                "-r",
                file.toString(),
                "-T",
                "fields",
                "-e",
                "frame.comment",
                "-e",
                "frame.interface_name",
                "-e",
                "frame.len"))
        .isEqualTo(expected);
    final String about =
        String.join("\n", CaptureTool.lines("capinfos", "-k", "-I", file.toString()));
    assertThat(about)
        .contains("Shadowplane journal export")
        .contains("time: from 1970-01-01T00:00:00.000000001Z to the end")
        .contains("selector: every frame")
        .contains("anonymisation: none")
        .contains("Name = uplink", "Name = vm-5", "Time precision = nanoseconds (9)");
  }

  /** No address of the journal is left, and the file says what was done, but not what was asked. */
  @Test
  void anonymisesWhatItWrites() throws Exception {
    final Path key = Files.writeString(folder.resolve("key"), "0123456789abcdef".repeat(4) + "\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    final FrameSelection tcp =
        new FrameSelection(
            0,
            Long.MAX_VALUE,
            List.of(MatchReader.read("test", "{ hosts: [10.0.0.1, 10.0.0.2] }")),
            Set.of(),
            Set.of(),
            0,
            Long.MAX_VALUE);
    final Anonymisation anonymisation =
        AnonymisationReader.read(
            YamlReader.of("test", "{ name: out, key-file: " + key + ", payload: drop }"));
    final JournalExport.Summary summary =
        export(
            new ExportOptions(
                tcp, ExportFormat.PCAPNG, 0, 0, true, false, Optional.of(anonymisation)),
            ExportListener.NONE);
    assertThat(summary.frames()).isEqualTo(FRAMES / 2);
    final List<String> frames =
        CaptureTool.lines(
            "tshark",
            "-o",
            "ip.check_checksum:TRUE",
            "-r",
            file.toString(),
            "-T",
            "fields",
            "-e",
            "ip.addr",
            "-e",
            "ip.checksum.status",
            "-e",
            "tcp.port",
            "-e",
            "frame.len");
    for (int i = 0; i < frames.size(); i++) {
      final LiveJournal.Sample sample = LiveJournal.sample(i / 2 * 4L + i % 2);
      final String[] fields = frames.get(i).split("\t", -1);
      assertThat(fields[0]).doesNotContain("10.0.0.1", "10.0.0.2");
      assertThat(fields[1]).isEqualTo("1");
      assertThat(fields[2].split(",", -1)).contains("80");
      assertThat(fields[3]).isEqualTo("" + sample.originalLength());
    }
    assertThat(frames).hasSize(FRAMES / 2);
    assertThat(String.join("\n", CaptureTool.lines("capinfos", "-k", file.toString())))
        .contains("selector: not told")
        .contains("anonymisation: addresses: crypto-pan, macs: hash, payload: drop")
        .doesNotContain("10.0.0.1");
  }

  @Test
  void leavesCommentsOut() throws Exception {
    final JournalExport.Summary summary =
        export(
            new ExportOptions(
                FrameSelection.ALL, ExportFormat.PCAPNG, 0, 0, false, false, Optional.empty()),
            ExportListener.NONE);
    assertThat(summary.frames()).isEqualTo(FRAMES);
    assertThat(
            CaptureTool.lines(
                "tshark",
                "-r",
                file.toString(),
                "-Y",
                "frame.comment",
                "-T",
                "fields",
                "-e",
                "frame.number"))
        .isEmpty();
    assertThat(ExportedFrames.numbers(file, true)).isEqualTo(all());
  }

  @Test
  void whatIsCancelledLeavesWholeFilesAlone() throws Exception {
    final ExportListener cancelling =
        new ExportListener() {
          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    try (LiveJournal more = new LiveJournal(folder.resolve("journal"))) {
      more.write(0, 5_000);
    }
    Files.writeString(file, "old");
    assertThatThrownBy(() ->
            JournalExport.run(
                JournalQuery.of(folder.resolve("journal")),
                ExportOptions.pcapng(FrameSelection.ALL),
                new FileTarget(file, false),
                cancelling))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(file).hasContent("old");
    assertThat(files()).containsExactlyInAnyOrder(file, folder.resolve("journal"));
  }

  /** A disk that fills up while the third file is written. */
  @Test
  void aFailureLeavesTheFilesBeforeIt() throws Exception {
    final ExportOptions options =
        split(ExportFormat.PCAPNG, ExportOptions.MIN_SPLIT_BYTES, ExportOptions.UNSPLIT);
    final FileTarget files = new FileTarget(file, true);
    final ExportTarget failing =
        new ExportTarget() {
          @Override
          public WritableByteChannel open(int number, long firstNs) throws IOException {
            final WritableByteChannel channel = files.open(number, firstNs);
            return number < 3 ? channel : new Full(channel);
          }

          @Override
          public void complete() throws IOException {
            files.complete();
          }

          @Override
          public void close() throws IOException {
            files.close();
          }
        };
    assertThatThrownBy(() ->
            JournalExport.run(
                JournalQuery.of(journalFolder), options, failing, ExportListener.NONE))
        .hasMessage("No space left on device");
    assertThat(files()).hasSize(2);
    for (Path part : files()) {
      assertThat(CaptureTool.capinfos(part, "-c"))
          .isEqualTo("" + ExportedFrames.numbers(part, true).size());
    }
  }

  private record Full(WritableByteChannel channel) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) throws IOException {
      throw new IOException("No space left on device");
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
