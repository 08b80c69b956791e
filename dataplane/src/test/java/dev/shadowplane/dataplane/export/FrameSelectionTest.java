package dev.shadowplane.dataplane.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import dev.shadowplane.dataplane.pcap.Direction;
import dev.shadowplane.dpdk.DpdkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exactly the frames that are asked for, whole, in order. */
class FrameSelectionTest {
  private static final int FRAMES = 600;

  @TempDir private static Path folder;

  @BeforeAll
  static void journal() throws IOException {
    try (LiveJournal journal = new LiveJournal(folder.resolve("journal"))) {
      journal.write(0, FRAMES);
    }
  }

  private static FrameSelection selection(
      List<Match> matches, Set<String> rules, Set<String> ports, int direction) {
    return new FrameSelection(0, Long.MAX_VALUE, matches, rules, ports, direction, Long.MAX_VALUE);
  }

  private static void check(FrameSelection selection, Predicate<LiveJournal.Sample> condition)
      throws IOException {
    final Path file = folder.resolve("some.pcapng");
    final JournalExport.Summary summary =
        JournalExport.run(
            JournalQuery.of(folder.resolve("journal")),
            ExportOptions.pcapng(selection),
            new FileTarget(file, false),
            ExportListener.NONE);
    final List<Long> expected = ExportedFrames.numbers(ExportedFrames.expected(FRAMES, condition));
    assertThat(expected).isNotEmpty().hasSizeLessThan(FRAMES);
    assertThat(ExportedFrames.numbers(file, true)).isEqualTo(expected);
    assertThat(summary.frames()).isEqualTo(expected.size());
    assertThat(summary.files()).isEqualTo(1);
  }

  @Test
  void takesFramesOfRulesPortsAndDirections() throws IOException {
    final int either = Direction.UNKNOWN;
    check(selection(List.of(), Set.of("web"), Set.of(), either), s -> s.rule().equals("web"));
    check(
        selection(List.of(), Set.of("dns", "rest", "none"), Set.of(), either),
        s -> !s.rule().equals("web"));
    check(selection(List.of(), Set.of(), Set.of("vm-5"), either), s -> s.port().equals("vm-5"));
    check(
        selection(List.of(), Set.of("web"), Set.of("uplink"), Direction.OUTBOUND),
        s ->
            s.rule().equals("web")
                && s.port().equals("uplink")
                && s.direction() == Direction.OUTBOUND);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ protocol: tcp } | tcp or (vlan and tcp)",
        "{ filter: 'icmp' } | icmp",
        "{ filter: 'udp[8] < 5 or greater 400' } | udp[8] < 5 or greater 400",
        "{ hosts: [10.0.0.1, 10.0.0.2], source-ports: 1024-1026, protocol: tcp } |"
            + " (tcp and portrange 1024-1026) or (vlan and tcp and portrange 1024-1026)",
        "{ source: 2001:db8::1, destination-ports: 53, direction: forward } | ip6 and udp dst port 53",
        "{ vlan: 100 } | vlan 100",
        "{ not: { vlan: 100 } } | not vlan 100",
      })
  void meansWhatTcpdumpMeans(String match, String filter) throws Exception {
    final Path some = folder.resolve("some.pcap");
    final Path all = folder.resolve("all.pcap");
    for (Path file : List.of(some, all)) {
      JournalExport.run(
          JournalQuery.of(folder.resolve("journal")),
          new ExportOptions(
              file.equals(all)
                  ? FrameSelection.ALL
                  : selection(
                      List.of(MatchReader.read("test", match)),
                      Set.of(),
                      Set.of(),
                      Direction.UNKNOWN),
              ExportFormat.PCAP,
              ExportOptions.UNSPLIT,
              ExportOptions.UNSPLIT,
              true,
              false,
              Optional.empty()),
          new FileTarget(file, false),
          ExportListener.NONE);
    }
    final Path theirs = folder.resolve("theirs.pcap");
    CaptureTool.lines(
        "sh",
        "-c",
        "exec tcpdump --nano -r \"$1\" -w \"$2\" \"$3\" 2>/dev/null",
        "sh",
        all.toString(),
        theirs.toString(),
        filter);
    assertThat(ExportedFrames.numbers(all, false)).hasSize(FRAMES);
    assertThat(ExportedFrames.numbers(some, false))
        .isEqualTo(ExportedFrames.numbers(theirs, false))
        .isNotEmpty()
        .hasSizeLessThan(FRAMES);
  }

  @Test
  void everySelectorIsToBeFulfilledAndPortsAreMeantByName() throws IOException {
    check(
        selection(
            List.of(
                MatchReader.read("a", "{ protocol: tcp }"),
                MatchReader.read("b", "{ ingress: vm-5, not: { vlan: 100 } }")),
            Set.of(),
            Set.of(),
            Direction.UNKNOWN),
        s -> s.number() % 4 == 0 && s.port().equals("vm-5"));
  }

  @Test
  void stopsAtTheLimit() throws IOException {
    check(
        new FrameSelection(
            LiveJournal.sample(100).timestampNs(),
            LiveJournal.sample(500).timestampNs(),
            List.of(),
            Set.of("web"),
            Set.of(),
            Direction.UNKNOWN,
            31),
        s -> s.number() >= 100 && s.number() < 161 && s.rule().equals("web"));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> FrameSelection.between(5, 5))
        .hasMessage("the range from 5 ns to 5 ns is empty: let it end after it begins");
    assertThatThrownBy(() -> new FrameSelection(0, 1, List.of(), Set.of(), Set.of(), 3, 1))
        .hasMessageContaining("direction 3 is unknown");
    assertThatThrownBy(() -> new FrameSelection(0, 1, List.of(), Set.of(), Set.of(), 0, 0))
        .hasMessageContaining("a limit of 0 frames");
    final FrameSelection wrong =
        selection(
            List.of(MatchReader.read("test", "{ filter: 'tcp and and' }")),
            Set.of(),
            Set.of(),
            Direction.UNKNOWN);
    final Path file = folder.resolve("never.pcapng");
    assertThatThrownBy(() ->
            JournalExport.run(
                JournalQuery.of(folder.resolve("journal")),
                ExportOptions.pcapng(wrong),
                new FileTarget(file, false),
                ExportListener.NONE))
        .isInstanceOf(DpdkException.class)
        .hasMessageContaining("syntax error");
    assertThat(Files.exists(file)).isFalse();
  }
}
