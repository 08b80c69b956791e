package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One worker's ledger for one rule, counted plainly and published by {@link RuleTallies}. For every
 * target port, matched = filtered + mirrored + everything shed.
 */
public final class RuleTally {
  private static final int TARGET_BITS =
      32 - Integer.numberOfLeadingZeros(RuleReader.MAX_TARGETS - 1);

  private final TallyCount revision;
  private final TallyCount matched;
  private final TallyCount filtered;
  private final TargetTally[] targets;
  private boolean mirrors;

  /** Where counts come from: the mapped file, or memory in tests. */
  @FunctionalInterface
  public interface Counters {
    /**
     * A count of the rule.
     *
     * @param what the part of its label behind the rule's name
     * @return the same object for the same label as long as the worker lives, so that a rule that
     *     is kept goes on counting
     */
    TallyCount count(String what);
  }

  /** The counts of one of the rule's targets. */
  public static final class TargetTally {
    private final TallyCount mirrored;
    private final TallyCount ringFull;
    private final TallyCount tooLong;
    private final @Nullable TallyCount rateCap;
    private final Map<CopyShed, TallyCount> copies = new EnumMap<>(CopyShed.class);
    private final TallyCount[] all;

    private TargetTally(String target, boolean isCopied, boolean isCapped, Counters counters) {
      mirrored = counters.count("mirrored." + target);
      ringFull = counters.count("shed." + target + ".ring-full");
      tooLong = counters.count("shed." + target + ".frame-too-long");
      rateCap = isCapped ? counters.count("shed." + target + ".rate-cap") : null;
      if (isCopied) {
        for (CopyShed shed : CopyShed.values()) {
          copies.put(
              shed,
              shed == CopyShed.FRAME_TOO_LONG
                  ? tooLong
                  : counters.count("shed." + target + "." + shed.reason()));
        }
      }
      all =
          Stream.of(
                  Stream.of(mirrored, ringFull, tooLong),
                  Stream.ofNullable(rateCap),
                  copies.values().stream())
              .flatMap(counts -> counts)
              .distinct()
              .toArray(TallyCount[]::new);
    }

    /** A frame was handed to the target. */
    public void mirrored() {
      mirrored.add(1);
    }

    /** A frame that was counted as mirrored was not taken: the driver or the ring had no room. */
    public void ringFullInstead() {
      mirrored.add(-1);
      ringFull.add(1);
    }

    /** A frame is longer than the target takes. */
    public void tooLong() {
      tooLong.add(1);
    }

    /** A frame came when the rule's rate was used up. */
    public void rateCap() {
      if (rateCap != null) {
        rateCap.add(1);
      }
    }

    /** A frame that was counted as mirrored is longer than the ring takes. */
    public void tooLongInstead() {
      mirrored.add(-1);
      tooLong.add(1);
    }

    /**
     * A frame that was counted as mirrored could not be copied.
     *
     * @param shed why; the target's frames are changed or encapsulated
     */
    public void copyShedInstead(CopyShed shed) {
      mirrored.add(-1);
      Objects.requireNonNull(copies.get(shed)).add(1);
    }

    private void publish() {
      for (TallyCount count : all) {
        count.publish();
      }
    }
  }

  /**
   * A tally.
   *
   * @param targets the rule's targets in order, as in {@code port:shadow}
   * @param isCopied whether the frames of a target are changed or encapsulated
   * @param isCapped whether the rule has a rate
   * @param counters where its counters come from
   */
  public RuleTally(
      List<String> targets, Predicate<String> isCopied, boolean isCapped, Counters counters) {
    this.revision = counters.count(CounterTypes.REVISION);
    this.matched = counters.count("matched");
    this.filtered = counters.count("filtered");
    this.targets =
        targets.stream()
            .map(target -> new TargetTally(target, isCopied.test(target), isCapped, counters))
            .toArray(TargetTally[]::new);
  }

  /** The id of the counter of packets that matched. */
  int number() {
    return matched.id();
  }

  /** The rule's rate was used up: no target gets the packet. */
  public void rateCap() {
    mirrors = true;
    for (TargetTally target : targets) {
      target.rateCap();
    }
  }

  /**
   * The counts of a target.
   *
   * @param index its place among the rule's targets
   * @return the same object every time
   */
  public TargetTally target(int index) {
    mirrors = true;
    return targets[index];
  }

  /**
   * Packs a rule and one of its targets into a number, for those who collect frames.
   *
   * @param rule the rule's index
   * @param target the target's place among the rule's
   * @return to be given to {@link RuleTallies#ofSlot}
   */
  public static int slot(int rule, int target) {
    return (rule << TARGET_BITS) | target;
  }

  /** The rule in a packed number. */
  static int ruleOf(int slot) {
    return slot >>> TARGET_BITS;
  }

  /** The target's place in a packed number. */
  static int targetOf(int slot) {
    return slot & ((1 << TARGET_BITS) - 1);
  }

  /**
   * Makes the counts readable, all of them between two revisions.
   *
   * @param matchedPackets how many packets have matched since the last call
   * @param filteredPackets how many of them were not sampled
   */
  void publish(long matchedPackets, long filteredPackets) {
    revision.add(1);
    revision.publish();
    matched.add(matchedPackets);
    matched.publish();
    // What has not changed is left alone: with thousands of rules, each line costs a cache miss.
    if (filteredPackets > 0) {
      filtered.add(filteredPackets);
      filtered.publish();
    }
    if (mirrors) {
      mirrors = false;
      for (TargetTally target : targets) {
        target.publish();
      }
    }
    revision.add(1);
    revision.publish();
  }
}
