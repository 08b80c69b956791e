package dev.shadowplane.dataplane.mirror;

import java.util.Arrays;

/**
 * One worker's ledgers for the rules of a table, and which of them have changed and are yet to be
 * published: each once, in the order in which they changed. Publishing costs a cache line or two a
 * count, so a worker under load publishes few rules a burst, and each stands for several of its
 * packets. One thread; allocates nothing.
 */
public final class RuleTallies {
  private final RuleTally[] tallies;

  /** By rule, since it was published last; here and not in its ledger, to touch fewer lines. */
  private final long[] matched;

  private final long[] filtered;
  private final int[] numbers;
  private final boolean[] waits;
  private final int[] changed;
  private int head;
  private int size;

  /**
   * Nothing has changed.
   *
   * @param tallies by a rule's index; the array stays as it is
   */
  public RuleTallies(RuleTally[] tallies) {
    this.tallies = tallies;
    this.matched = new long[tallies.length];
    this.filtered = new long[tallies.length];
    this.numbers = Arrays.stream(tallies).mapToInt(RuleTally::number).toArray();
    this.waits = new boolean[tallies.length];
    this.changed = new int[tallies.length];
  }

  /**
   * The ledger of a rule.
   *
   * @param rule its index
   * @return the same object every time
   */
  public RuleTally of(int rule) {
    return tallies[rule];
  }

  /**
   * What records call a rule: the id of its counter {@code rule.NAME.matched}, by which readers of
   * the counters find the name.
   *
   * @param rule its index
   * @return less than {@link dev.shadowplane.dataplane.packet.RecordExtension#NO_RULE}
   */
  public int number(int rule) {
    return numbers[rule];
  }

  /**
   * The ledger of a rule's target.
   *
   * @param slot as {@link RuleTally#slot} packs them
   * @return the same object every time
   */
  public RuleTally.TargetTally ofSlot(int slot) {
    return tallies[RuleTally.ruleOf(slot)].target(RuleTally.targetOf(slot));
  }

  /**
   * Packets matched a rule.
   *
   * @param rule its index
   * @param packets how many
   */
  public void matched(int rule, int packets) {
    matched[rule] += packets;
    if (!waits[rule]) {
      waits[rule] = true;
      final int at = head + size;
      changed[at < changed.length ? at : at - changed.length] = rule;
      size++;
    }
  }

  /**
   * A packet that matched a rule was not sampled.
   *
   * @param rule its index
   */
  public void filtered(int rule) {
    filtered[rule]++;
  }

  /**
   * Publishes the rules that have waited longest.
   *
   * @param limit how many at most
   * @return whether none is left
   */
  public boolean publish(int limit) {
    for (int left = Math.min(limit, size); left > 0; left--) {
      final int rule = changed[head];
      tallies[rule].publish(matched[rule], filtered[rule]);
      matched[rule] = 0;
      filtered[rule] = 0;
      waits[rule] = false;
      head = head + 1 < changed.length ? head + 1 : 0;
      size--;
    }
    return size == 0;
  }
}
