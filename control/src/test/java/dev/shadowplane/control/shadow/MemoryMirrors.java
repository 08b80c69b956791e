package dev.shadowplane.control.shadow;

import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.telemetry.RuleLedger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rules in memory of a data plane that may be away. */
final class MemoryMirrors implements Mirrors {
  private final Map<String, Rule> rules = new LinkedHashMap<>();
  private Runnable listener = () -> {};
  private boolean away;

  @Override
  public synchronized List<Change> replace(final List<Rule> wanted, final boolean dryRun)
      throws MirrorException {
    if (away) {
      if (wanted.isEmpty()) {
        return List.of();
      }
      throw new MirrorException("the mirror rules wait for the data plane", true);
    }
    final List<Change> changes = new ArrayList<>();
    final Map<String, Rule> next = new LinkedHashMap<>();
    for (final Rule rule : wanted) {
      final Rule before = rules.get(rule.name());
      if (!rule.equals(before)) {
        changes.add(
            new Change(
                before == null ? Change.Action.CREATE : Change.Action.CHANGE,
                "rule " + rule.name(),
                List.of(),
                ""));
      }
      next.put(rule.name(), rule);
    }
    rules.keySet().stream()
        .filter(name -> !next.containsKey(name))
        .forEach(
            name -> changes.add(new Change(Change.Action.DELETE, "rule " + name, List.of(), "")));
    if (!dryRun) {
      rules.clear();
      rules.putAll(next);
    }
    return changes;
  }

  @Override
  public void standby(final Collection<String> ports) {}

  synchronized List<String> names() {
    return List.copyOf(rules.keySet());
  }

  synchronized void leave() {
    away = true;
  }

  void attach() {
    synchronized (this) {
      away = false;
    }
    listener.run();
  }

  @Override
  public List<RuleLedger> ledgers() {
    return List.of();
  }

  @Override
  public void onAttach(final Runnable attached) {
    listener = attached;
  }
}
