package dev.shadowplane.control.shadow;

import dev.shadowplane.control.model.Mapping;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.template.TemplateWriter;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.telemetry.RuleLedger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a network and its shadow.
 *
 * @param summary the same in one line.
 * @param template the template that it is kept to, in YAML; empty while it is being deleted.
 * @param mapping how network and shadow belong together; null if there is no shadow.
 * @param problems everything that is wrong.
 * @param observedAtNs when the items were observed, in nanoseconds since 1970; 0 if not yet.
 * @param items what ought to be there and what is.
 * @param rules the mirror rules, with what became of the packets that they decided about.
 * @param events what was found to have changed by itself so far, newest first.
 */
public record Description(
    Summary summary,
    String template,
    @Nullable Mapping mapping,
    List<String> problems,
    long observedAtNs,
    List<ItemState> items,
    List<CountedRule> rules,
    List<DriftEvent> events) {
  /** Copies the lists. */
  public Description {
    problems = List.copyOf(problems);
    items = List.copyOf(items);
    rules = List.copyOf(rules);
    events = List.copyOf(events);
  }

  /**
   * An item.
   *
   * @param key which.
   * @param health how it is.
   * @param deviations in what it is not as it ought to be.
   */
  public record ItemState(ItemKey key, Health health, List<String> deviations) {}

  /** How an item is. */
  public enum Health {
    /** As it ought to be. */
    OK,
    /** As it ought to be, but does not pass its check. */
    FAILING,
    /** Not as it ought to be. */
    CHANGED,
    /** Not there. */
    MISSING,
    /** There, and ought not to be. */
    EXTRA
  }

  /**
   * A mirror rule and what became of the packets that it decided about.
   *
   * @param rule the rule.
   * @param matched packets that it decided about.
   * @param mirrored those that its targets took, all together.
   * @param shed those that they did not get, all together.
   */
  public record CountedRule(Rule rule, long matched, long mirrored, long shed) {}

  static Description of(
      final Summary summary,
      final ManagedNetwork.State state,
      final ManagedNetwork.Seen seen,
      final List<RuleLedger> ledgers,
      final List<DriftEvent> events) {
    final Wanted wanted = state.wanted();
    final List<ItemState> items = new ArrayList<>();
    seen.items()
        .forEach((claim, observed) ->
            items.addAll(states(wanted == null ? List.of() : wanted.items(claim), observed)));
    final Map<String, RuleLedger> counts = new LinkedHashMap<>();
    ledgers.forEach(ledger -> counts.put(ledger.rule(), ledger));
    return new Description(
        summary,
        wanted == null ? "" : TemplateWriter.yaml(wanted.template()),
        wanted == null ? null : wanted.plan().mapping(),
        state.outcome().problems(),
        seen.atNs(),
        items,
        wanted == null
            ? List.of()
            : wanted.rules().stream().map(rule -> counted(rule, counts)).toList(),
        events);
  }

  private static List<ItemState> states(final List<Item> wanted, final List<Observed> observed) {
    final Map<ItemKey, Observed> found = new LinkedHashMap<>();
    observed.forEach(item -> found.put(item.key(), item));
    final List<ItemState> states = new ArrayList<>();
    for (final Item item : wanted) {
      final Observed there = found.remove(item.key());
      if (there == null) {
        states.add(new ItemState(item.key(), Health.MISSING, List.of()));
      } else {
        final List<String> differences = ItemPlan.differences(there, item);
        states.add(
            new ItemState(
                item.key(),
                !differences.isEmpty()
                    ? Health.CHANGED
                    : there.passing() ? Health.OK : Health.FAILING,
                differences));
      }
    }
    found
        .values()
        .forEach(extra -> states.add(new ItemState(extra.key(), Health.EXTRA, List.of())));
    return states;
  }

  private static CountedRule counted(final Rule rule, final Map<String, RuleLedger> counts) {
    final RuleLedger ledger = counts.get(rule.name());
    if (ledger == null) {
      return new CountedRule(rule, 0, 0, 0);
    }
    long mirrored = 0;
    long shed = 0;
    for (final RuleLedger.Target target : ledger.targets()) {
      mirrored += target.mirrored();
      shed += target.shed().values().stream().mapToLong(Long::longValue).sum();
    }
    return new CountedRule(rule, ledger.matched(), mirrored, shed);
  }
}
