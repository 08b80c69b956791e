package dev.shadowplane.dataplane.telemetry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What became of every packet that a rule decided about: matched = filtered + mirrored + shed for
 * each target, to the packet, also while workers count.
 *
 * <p>Each worker's share of a rule is read between two changes of it: the worker makes the rule's
 * revision odd before it publishes a burst and even after it, and a reader that saw it odd, or
 * another one afterwards, reads again.
 *
 * @param rule the rule's name
 * @param matched packets that it decided about, over all workers
 * @param filtered those of them that its sampling left out
 * @param targets what became of the others, by target
 * @param exact false when a worker published faster than could be read, many times in a row
 */
public record RuleLedger(
    String rule, long matched, long filtered, List<Target> targets, boolean exact) {
  private static final int ATTEMPTS = 10_000;

  /**
   * What became of the packets that a target was to get.
   *
   * @param target for example {@code port:shadow}
   * @param mirrored packets that it took
   * @param shed those that it did not get, by reason
   */
  public record Target(String target, long mirrored, SortedMap<String, Long> shed) {}

  /** One worker's counters of one rule by what they count. */
  private static final class Share {
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private int revision = -1;
  }

  /**
   * Reads the ledger of every rule.
   *
   * @param view of a data plane
   * @return by rule, in the order in which their counters were made
   */
  public static List<RuleLedger> read(CountersView view) {
    final Map<String, Map<String, Share>> sharesByRule = new LinkedHashMap<>();
    view.forEach((id, typeId, label, value) -> {
      if (typeId >= CounterTypes.RULE_MIRRORED && typeId <= CounterTypes.RULE) {
        final String[] parts = label.split("\\.", 3);
        final String what = CounterTypes.withoutWorker(parts[2]);
        final Share share =
            sharesByRule
                .computeIfAbsent(parts[1], rule -> new LinkedHashMap<>())
                .computeIfAbsent(parts[2].substring(what.length()), worker -> new Share());
        if (what.equals(CounterTypes.REVISION)) {
          share.revision = id;
        } else {
          share.ids.put(what, id);
        }
      }
    });
    final List<RuleLedger> ledgers = new ArrayList<>();
    sharesByRule.forEach((rule, shares) -> ledgers.add(of(rule, shares.values(), view)));
    return ledgers;
  }

  private static RuleLedger of(String rule, Collection<Share> shares, CountersView view) {
    final Map<String, Long> sums = new LinkedHashMap<>();
    boolean exact = true;
    for (Share share : shares) {
      exact &= add(share, view, sums);
    }
    final Map<String, Long> mirrored = new LinkedHashMap<>();
    final Map<String, SortedMap<String, Long>> shed = new LinkedHashMap<>();
    sums.forEach((what, sum) -> {
      final String[] parts = what.split("\\.", 3);
      if (parts[0].equals("mirrored")) {
        mirrored.put(parts[1], sum);
      } else if (parts[0].equals("shed")) {
        shed.computeIfAbsent(parts[1], target -> new TreeMap<>()).put(parts[2], sum);
      }
    });
    return new RuleLedger(
        rule,
        sums.getOrDefault("matched", 0L),
        sums.getOrDefault("filtered", 0L),
        mirrored.entrySet().stream()
            .map(entry ->
                new Target(
                    entry.getKey(),
                    entry.getValue(),
                    shed.getOrDefault(entry.getKey(), new TreeMap<>())))
            .toList(),
        exact);
  }

  /** Adds one worker's share; false when no moment was found at which it stood still. */
  private static boolean add(Share share, CountersView view, Map<String, Long> sums) {
    final Map<String, Long> values = new LinkedHashMap<>();
    boolean exact = false;
    for (int attempt = 0; attempt < ATTEMPTS && !exact; attempt++) {
      final long before = share.revision < 0 ? 0 : view.value(share.revision);
      if ((before & 1) != 0) {
        Thread.onSpinWait();
        continue;
      }
      share.ids.forEach((what, id) -> values.put(what, view.value(id)));
      exact = share.revision < 0 || view.value(share.revision) == before;
    }
    values.forEach((what, value) -> sums.merge(what, value, Long::sum));
    return exact;
  }
}
