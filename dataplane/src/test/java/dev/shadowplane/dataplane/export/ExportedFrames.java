package dev.shadowplane.dataplane.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.pcap.CaptureReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/** What is in a capture file, held against what was journaled. */
final class ExportedFrames {
  private ExportedFrames() {}

  /** The samples of [0, to) that fulfil a condition. */
  static List<LiveJournal.Sample> expected(long to, Predicate<LiveJournal.Sample> condition) {
    return LongStream.range(0, to).mapToObj(LiveJournal::sample).filter(condition).toList();
  }

  /** The numbers of a file's frames, each compared byte by byte with the sample of that time. */
  static List<Long> numbers(Path file, boolean hasDirections) throws IOException {
    final List<Long> numbers = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.next()) {
        final LiveJournal.Sample sample =
            LiveJournal.sample((reader.timestampNs() - LiveJournal.FIRST_NS) / LiveJournal.STEP_NS);
        assertThat(reader.frame()).as("frame %d", sample.number()).isEqualTo(sample.captured());
        assertThat(reader.timestampNs()).isEqualTo(sample.timestampNs());
        assertThat(reader.originalLengthBytes()).isEqualTo(sample.originalLength());
        if (hasDirections) {
          assertThat(reader.direction()).isEqualTo(sample.direction());
        }
        numbers.add(sample.number());
      }
    }
    return numbers;
  }

  static List<Long> numbers(List<LiveJournal.Sample> samples) {
    return samples.stream().map(LiveJournal.Sample::number).toList();
  }
}
