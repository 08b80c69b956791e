package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.config.RuleReader;
import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * One worker's ledger for one rule: counted plainly per packet, published once a burst. For every
 * target port, matched = filtered + mirrored + everything shed.
 */
public final class RuleTally {
  private static final int TARGET_BITS =
      32 - Integer.numberOfLeadingZeros(RuleReader.MAX_TARGETS - 1);

  private final Count matched;
  private final Count filtered;
  private final TargetTally[] targets;
  private boolean dirty;

  /** Where counters come from: the mapped file, or memory in tests. */
  @FunctionalInterface
  public interface Counters {
    /**
     * A counter of the rule.
     *
     * @param what the part of its label behind the rule's name
     * @return the counter, at the value it had if the rule is kept
     */
    AtomicCounter counter(String what);
  }

  /** A number that is counted here and read through a counter. */
  private static final class Count {
    private final AtomicCounter counter;
    private long value;

    private Count(AtomicCounter counter) {
      this.counter = counter;
      this.value = counter.getPlain();
    }

    private void publish() {
      counter.setRelease(value);
    }
  }

  /** The counts of one of the rule's targets. */
  public static final class TargetTally {
    private final Count mirrored;
    private final Count ringFull;
    private final Count tooLong;

    private TargetTally(String target, Counters counters) {
      mirrored = new Count(counters.counter("mirrored." + target));
      ringFull = new Count(counters.counter("shed." + target + ".ring-full"));
      tooLong = new Count(counters.counter("shed." + target + ".frame-too-long"));
    }

    /** A frame was handed to the target. */
    public void mirrored() {
      mirrored.value++;
    }

    /** A frame that was counted as mirrored was not taken: the driver or the ring had no room. */
    public void ringFullInstead() {
      mirrored.value--;
      ringFull.value++;
    }

    /** A frame is longer than the target takes. */
    public void tooLong() {
      tooLong.value++;
    }

    /** A frame that was counted as mirrored is longer than the ring takes. */
    public void tooLongInstead() {
      mirrored.value--;
      tooLong.value++;
    }

    private void publish() {
      mirrored.publish();
      ringFull.publish();
      tooLong.publish();
    }
  }

  /**
   * A tally.
   *
   * @param targets the rule's targets in order, as in {@code port:shadow}
   * @param counters where its counters come from
   */
  public RuleTally(List<String> targets, Counters counters) {
    this.matched = new Count(counters.counter("matched"));
    this.filtered = new Count(counters.counter("filtered"));
    this.targets =
        targets.stream()
            .map(target -> new TargetTally(target, counters))
            .toArray(TargetTally[]::new);
  }

  /**
   * A packet matched the rule.
   *
   * @return whether it was the first since {@link #publish}
   */
  public boolean matched() {
    final boolean first = !dirty;
    dirty = true;
    matched.value++;
    return first;
  }

  /** It was not sampled. */
  public void filtered() {
    filtered.value++;
  }

  /**
   * The counts of a target.
   *
   * @param index its place among the rule's targets
   * @return the same object every time
   */
  public TargetTally target(int index) {
    return targets[index];
  }

  /**
   * Packs a rule and one of its targets into a number, for those who collect frames.
   *
   * @param rule the rule's index
   * @param target the target's place among the rule's
   * @return to be given to {@link #ofSlot}
   */
  public static int slot(int rule, int target) {
    return (rule << TARGET_BITS) | target;
  }

  /**
   * The tally behind a packed number.
   *
   * @param tallies by a rule's index
   * @param slot what {@link #slot} returned
   * @return the target's tally
   */
  public static TargetTally ofSlot(RuleTally[] tallies, int slot) {
    return tallies[slot >>> TARGET_BITS].target(slot & ((1 << TARGET_BITS) - 1));
  }

  /** Makes the counts of the burst readable, if there are any. */
  public void publish() {
    if (dirty) {
      dirty = false;
      matched.publish();
      filtered.publish();
      for (TargetTally target : targets) {
        target.publish();
      }
    }
  }
}
