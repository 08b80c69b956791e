package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.export.ExportListener;
import dev.shadowplane.dataplane.export.ExportOptions;
import dev.shadowplane.dataplane.export.FileTarget;
import dev.shadowplane.dataplane.export.FrameSelection;
import dev.shadowplane.dataplane.export.JournalExport;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalExportTest {
  private static final int FRAMES = 3_000;

  @TempDir private Path folder;

  private Path journalFolder() {
    return folder.resolve("journal");
  }

  private static long bytes(long from, long to) {
    long bytes = 0;
    for (long number = from; number < to; number++) {
      bytes += TestFrames.lengthBytes(number);
    }
    return bytes;
  }

  private JournalExport.Summary export(long fromNs, long toNs, Path file) throws IOException {
    return JournalExport.run(
        JournalQuery.of(journalFolder()),
        ExportOptions.pcapng(FrameSelection.between(fromNs, toNs)),
        new FileTarget(file, false),
        ExportListener.NONE);
  }

  private static void check(Path file, long from, long to) throws IOException {
    check(file, from, to, to);
  }

  /** Each session of so many frames has interfaces of its own. */
  private static void check(Path file, long from, long to, long session) throws IOException {
    TestFrames frames = new TestFrames();
    try (CaptureReader reader = CaptureReader.open(file)) {
      for (long number = from; number < to; number++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.timestampNs()).isEqualTo(TestFrames.timestampNs(number));
        assertThat(reader.originalLengthBytes()).isEqualTo(TestFrames.originalLengthBytes(number));
        assertThat(reader.direction()).isEqualTo(TestFrames.direction(number));
        assertThat(reader.interfaceIndex()).isEqualTo((int) (number / session * 2 + number % 2));
        assertThat(reader.frame())
            .isEqualTo(new UnsafeBuffer(frames.fill(number), 0, TestFrames.lengthBytes(number)));
      }
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void framesSurviveRingAgentJournalAndExportByteByByte() throws Exception {
    try (TestJournal journal = new TestJournal(journalFolder())) {
      journal.counters.received[0] = 100;
      journal.journal(0, FRAMES / 2);
      journal.counters.received[0] = 5_000;
      journal.counters.shed[7] = 17;
      journal.nowNs += TestJournal.RETRY_NS;
      journal.journal(FRAMES / 2, FRAMES);
      assertThat(journal.ledger.journaled()).isEqualTo(FRAMES);
      assertThat(journal.ledger.journaledBytes).isEqualTo(bytes(0, FRAMES));
    }
    Path file = folder.resolve("out.pcapng");
    JournalExport.Summary summary = export(0, Long.MAX_VALUE, file);
    assertThat(summary)
        .isEqualTo(
            new JournalExport.Summary(
                FRAMES,
                bytes(0, FRAMES),
                TestFrames.timestampNs(0),
                TestFrames.timestampNs(FRAMES - 1),
                1,
                0,
                List.of()));
    check(file, 0, FRAMES);
    assertThat(
            CaptureTool.lines(
                "tshark", "-r", file.toString(), "-T", "fields", "-e", "frame.interface_name"))
        .isEqualTo(
            TestJournal.range(0, FRAMES).stream()
                .map(number -> number % 2 == 0 ? "uplink" : "vm-7")
                .toList());
    assertThat(CaptureTool.capinfos(file, "-c")).isEqualTo("" + FRAMES);
    assertThat(statistics(file)).containsExactly("5000,0", "0,17");
  }

  /** Received and dropped frames of each interface statistics block, found by hand. */
  private static List<String> statistics(Path file) throws IOException {
    java.nio.ByteBuffer bytes =
        java.nio.ByteBuffer.wrap(Files.readAllBytes(file)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    List<String> found = new java.util.ArrayList<>();
    while (bytes.hasRemaining()) {
      int at = bytes.position();
      if (bytes.getInt(at) == 5) {
        assertThat(bytes.getInt(at + 8)).isEqualTo(found.size());
        assertThat(bytes.getInt(at + 20)).isEqualTo(8 << 16 | 4);
        assertThat(bytes.getInt(at + 32)).isEqualTo(8 << 16 | 5);
        found.add(bytes.getLong(at + 24) + "," + bytes.getLong(at + 36));
      }
      bytes.position(at + bytes.getInt(at + 4));
    }
    return found;
  }

  @Test
  void aRangeTakesItsFramesAndItsCountersAlone() throws Exception {
    try (TestJournal journal = new TestJournal(journalFolder())) {
      for (int second = 0; second < 10; second++) {
        journal.counters.received[0] += 10;
        journal.counters.shed[0] += second;
        journal.journal(second * 100L, second * 100L + 100);
        journal.epochMs += 1_000;
        journal.nowNs += TestJournal.RETRY_NS;
        journal.drain();
      }
    }
    Path file = folder.resolve("out.pcapng");
    long from = TestFrames.timestampNs(250);
    long to = TestFrames.timestampNs(751);
    assertThat(export(from, to, file).frames()).isEqualTo(501);
    check(file, 250, 751);
    // Counters are stamped by the journal's clock: take three of its seconds.
    from = TestFrames.START_NS + 3_000_000_000L;
    to = TestFrames.START_NS + 6_000_000_000L;
    export(from, to, file);
    assertThat(statistics(file)).containsExactly("30," + (3 + 4 + 5), "0,0");
    assertThat(CaptureTool.capinfos(file, "-c")).isEqualTo("0");
  }

  @Test
  void eachSessionHasInterfacesAndCountersOfItsOwn() throws Exception {
    for (int session = 0; session < 3; session++) {
      try (TestJournal journal =
          new TestJournal(journalFolder(), TestFrames.START_NS / 1_000_000 + session)) {
        journal.counters.received[0] += 1_000;
        journal.journal(session * 10L, session * 10L + 10);
        journal.counters.received[0] += 5;
      }
    }
    Path file = folder.resolve("out.pcapng");
    assertThat(export(0, Long.MAX_VALUE, file).frames()).isEqualTo(30);
    check(file, 0, 30, 10);
    assertThat(statistics(file)).containsExactly("1005,0", "0,0", "1005,0", "0,0", "1005,0", "0,0");
    assertThat(
            CaptureTool.lines(
                "tshark",
                "-r",
                file.toString(),
                "-T",
                "fields",
                "-e",
                "frame.interface_description"))
        .hasSize(30)
        .startsWith("session since 2023-11-14T22:13:20Z")
        .endsWith("session since 2023-11-14T22:13:20.002Z");
  }

  @Test
  void aFailedExportLeavesNothingAndReplacesNothing() throws IOException {
    Path file = folder.resolve("out.pcapng");
    Files.writeString(file, "old");
    Files.createDirectory(journalFolder());
    assertThatThrownBy(() -> export(0, 1, file))
        .isInstanceOf(JournalException.class)
        .hasMessage(journalFolder() + ": no journal: the folder holds no .cq4 file");
    assertThat(file).hasContent("old");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(file, journalFolder());
    }
  }
}
