package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.Anonymisation.Macs;
import dev.shadowplane.dataplane.config.Anonymisation.Payload;
import dev.shadowplane.dataplane.packet.SampleFrames;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.privacy.Anonymiser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames whose rule says so reach the disk anonymous, each by its own rule's anonymisation. */
final class JournalAnonymisationTest {
  private static final byte[] KEY = HexFormat.of().parseHex("0f".repeat(32));

  @TempDir private Path folder;

  @Test
  void framesAreAnonymisedByTheNumberTheyBear() throws IOException {
    final List<byte[]> frames = SampleFrames.all();
    try (TestJournal journal = new TestJournal(folder)) {
      journal.writer.anonymisers(List.of(anonymiser(Payload.BLANK), anonymiser(Payload.DROP)));
      for (int number = 0; number < 3; number++) {
        for (byte[] frame : frames) {
          final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(frame.length));
          memory.putBytes(0, frame);
          assertThat(
                  journal.ring.tryWrite(
                      TestFrames.START_NS,
                      3,
                      frame.length,
                      JournalRing.source(7, 1, number),
                      5,
                      memory.addressOffset(),
                      frame.length))
              .isTrue();
        }
      }
      while (journal.agent.doWork() > 0) {}
    }
    final List<Anonymiser> expected =
        IntStream.range(0, 3)
            .mapToObj(i -> anonymiser(i == 2 ? Payload.DROP : Payload.BLANK))
            .toList();
    try (JournalReader reader =
        new JournalReader(folder, Long.MIN_VALUE, Long.MAX_VALUE, new JournalEvents() {})) {
      for (int number = 0; number < 3; number++) {
        for (byte[] frame : frames) {
          final byte[] copy = frame.clone();
          final int kept =
              number == 0
                  ? copy.length
                  : expected
                      .get(number)
                      .apply(new UnsafeBuffer(copy), 0, copy.length, LinkType.ETHERNET);
          assertThat(reader.next()).isTrue();
          final byte[] read = new byte[reader.capturedLengthBytes()];
          reader.frame().getBytes(0, read);
          assertThat(read).isEqualTo(Arrays.copyOf(copy, kept));
          assertThat(reader.originalLengthBytes()).isEqualTo(frame.length);
          assertThat(reader.flags()).isEqualTo(number);
          assertThat(reader.flowHash()).isEqualTo(5);
        }
      }
      assertThat(reader.next()).isFalse();
    }
  }

  private static Anonymiser anonymiser(Payload payload) {
    return new Anonymiser(
        new Anonymisation(
            "n", Path.of("k"), true, Anonymisation.KEEP_MULTICAST, Macs.HASH, payload),
        KEY);
  }
}
