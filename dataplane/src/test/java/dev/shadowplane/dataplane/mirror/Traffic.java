package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Frames sent into both ports of a lab, and what came out of it, in order. */
public final class Traffic {
  /** A frame, the port that received it, and how much of it one segment holds. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Sent(String port, byte[] frame, int segmentBytes) {}

  private final RingLab lab;
  private final List<Sent> sent = new ArrayList<>();
  private final List<byte[]> toA = new ArrayList<>();
  private final List<byte[]> toB = new ArrayList<>();

  /** Traffic of a lab whose first ports are called a and b. */
  public Traffic(RingLab lab) {
    this.lab = lab;
  }

  /** Everything sent so far, in the order in which a worker takes it. */
  public List<Sent> sent() {
    return sent;
  }

  /** Sends random frames, some of them in several segments; takes what is forwarded. */
  public void run(RandomFrames frames, SplittableRandom random, int bursts) {
    for (int i = 0; i < bursts; i++) {
      final String port = random.nextBoolean() ? "a" : "b";
      for (int n = random.nextInt(1, RingLab.BURST + 1); n > 0; n--) {
        final byte[] frame = frames.next();
        final int segment =
            random.nextInt(4) == 0 ? random.nextInt(1 + frame.length / 16, 2_000) : 2_000;
        lab.add(lab.mbuf(frame, segment));
        sent.add(new Sent(port, frame, segment));
      }
      lab.flush(port);
      lab.work();
      drain();
    }
    // A full burst publishes the counts of one rule only; a cycle without work those of all.
    lab.work();
  }

  /** Takes what has been forwarded. */
  public void drain() {
    toA.addAll(lab.receive("a"));
    toB.addAll(lab.receive("b"));
  }

  /** Every frame has come out of the other port, byte for byte, in order. */
  public void assertForwarded() {
    assertFrames("forwarded to b", toB, frames("a"));
    assertFrames("forwarded to a", toA, frames("b"));
  }

  private List<byte[]> frames(String port) {
    return sent.stream().filter(s -> s.port().equals(port)).map(Sent::frame).toList();
  }

  /** The frames for which one rule decides, by the model. */
  public List<byte[]> decidedBy(@Nullable Rule wanted, List<Rule> rules) {
    final List<Rule> ordered =
        rules.stream().sorted(Comparator.comparingInt(rule -> -rule.priority())).toList();
    final List<byte[]> frames = new ArrayList<>();
    for (Sent one : sent) {
      final FrameModel model = new FrameModel(one.frame(), one.port());
      final Rule decides =
          ordered.stream().filter(rule -> model.matches(rule.match())).findFirst().orElse(null);
      if (Objects.equals(decides, wanted)) {
        frames.add(one.frame());
      }
    }
    return frames;
  }

  /** Compares bytes and order. */
  public static void assertFrames(String what, List<byte[]> actual, List<byte[]> expected) {
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      if (!java.util.Arrays.equals(actual.get(i), expected.get(i))) {
        assertThat(HexFormat.of().formatHex(actual.get(i)))
            .as("%s: frame %d of %d", what, i, expected.size())
            .isEqualTo(HexFormat.of().formatHex(expected.get(i)));
      }
    }
    assertThat(actual).as(what).hasSameSizeAs(expected);
  }
}
