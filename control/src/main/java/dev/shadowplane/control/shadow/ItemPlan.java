package dev.shadowplane.control.shadow;

import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The least that has to be done to get a network from what is observed to what is wanted: nothing
 * about an item that is what it ought to be and deviates in nothing.
 *
 * @param steps what to do: deletes first, what others need last; then puts, what others need first.
 * @param changes the same for people, in the same order.
 */
record ItemPlan(List<Step> steps, List<Change> changes) {
  private static final Comparator<ItemKey> BY_KIND =
      Comparator.comparing(ItemKey::kind).thenComparing(ItemKey::name);

  static ItemPlan of(final Collection<Item> wanted, final Collection<Observed> observed) {
    final Map<ItemKey, Observed> found = new LinkedHashMap<>();
    observed.forEach(item -> found.put(item.key(), item));
    final Map<ItemKey, Item> puts = new LinkedHashMap<>();
    for (final Item item : wanted) {
      final Observed there = found.remove(item.key());
      if (there == null || !item.equals(there.item()) || !there.deviations().isEmpty()) {
        puts.put(item.key(), item);
      }
    }
    final List<Step> steps = new ArrayList<>();
    final List<Change> changes = new ArrayList<>();
    found.keySet().stream()
        .sorted(BY_KIND.reversed())
        .forEach(key -> {
          steps.add(new Step.Delete(key));
          changes.add(new Change(Change.Action.DELETE, key.toString(), List.of(), ""));
        });
    final Map<ItemKey, Observed> before = new LinkedHashMap<>();
    observed.forEach(item -> before.put(item.key(), item));
    puts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(BY_KIND))
        .forEach(put -> {
          steps.add(new Step.Put(put.getValue()));
          final Observed there = before.get(put.getKey());
          changes.add(
              there == null
                  ? new Change(Change.Action.CREATE, put.getKey().toString(), List.of(), "")
                  : new Change(
                      Change.Action.CHANGE,
                      put.getKey().toString(),
                      differences(there, put.getValue()),
                      ""));
        });
    return new ItemPlan(steps, changes);
  }

  /** In what an item is not as it ought to be. */
  static List<String> differences(final Observed there, final Item wanted) {
    final List<String> differences = new ArrayList<>(there.deviations());
    if (there.item() == null) {
      differences.add("it is not known what it was made to be");
    } else {
      differences.addAll(Differences.between(ItemJson.tree(there.item()), ItemJson.tree(wanted)));
    }
    return differences;
  }
}
