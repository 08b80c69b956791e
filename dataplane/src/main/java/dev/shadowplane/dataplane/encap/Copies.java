package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What of a plan has to do with changed and encapsulated copies: by a number, a target and what is
 * changed on the way there. Immutable; its targets are a worker's own. Empty, it is absent from the
 * packet path but for a loop over nothing.
 */
public final class Copies {
  /** No copies. */
  public static final Copies NONE = new Copies(new ArrayList<>(), new ArrayList<>());

  private final CopyTarget[] targets;
  private final CopyShape[] shapes;
  private final CopyTarget[] distinct;

  /** By number: itself, or that nothing changes. */
  private final int[] changes;

  /**
   * Copies.
   *
   * @param targets by number
   * @param shapes by number
   */
  public Copies(List<CopyTarget> targets, List<CopyShape> shapes) {
    this.targets = targets.toArray(CopyTarget[]::new);
    this.shapes = shapes.toArray(CopyShape[]::new);
    this.changes =
        IntStream.range(0, shapes.size())
            .map(i -> shapes.get(i).isChanging() ? i : CopyTarget.UNCHANGED)
            .toArray();
    this.distinct = targets.stream().distinct().toArray(CopyTarget[]::new);
  }

  /**
   * Whether there are any.
   *
   * @return true for those of a set of rules without such targets
   */
  public boolean isNone() {
    return targets.length == 0;
  }

  /**
   * Takes a reference.
   *
   * @param number which target, and what is changed
   * @param mbuf a frame
   * @param record its record, which stays as it is until {@link #send}
   * @param slot of the rule and its target, as {@link RuleTally#slot} packs them
   * @param tally where it is counted
   */
  public void add(int number, long mbuf, long record, int slot, RuleTally.TargetTally tally) {
    targets[number].add(mbuf, record, changes[number], slot, tally);
  }

  /**
   * Whether copies bear the time of their burst.
   *
   * @return false when none does
   */
  public boolean stamps() {
    for (CopyTarget target : distinct) {
      if (target.stamps()) {
        return true;
      }
    }
    return false;
  }

  /** Drops what was added and leaves its references to nobody: after an error within a burst. */
  public void forget() {
    for (CopyTarget target : distinct) {
      target.forget();
    }
  }

  /**
   * Makes the copies and sends them, after production.
   *
   * @param tallies those of the rules that the slots refer to
   * @param ingressPort index of the port that received the burst
   * @param stampNs when, since the epoch
   */
  public void send(RuleTallies tallies, int ingressPort, long stampNs) {
    for (CopyTarget target : distinct) {
      target.send(tallies, shapes, ingressPort, stampNs);
    }
  }
}
