package dev.shadowplane.dataplane.conductor;

import static java.util.stream.Collectors.toSet;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleCheck;
import dev.shadowplane.dataplane.config.RuleSet;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import dev.shadowplane.dataplane.mirror.Sampler;
import dev.shadowplane.dataplane.mirror.TallyCount;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.worker.Portion;
import dev.shadowplane.dataplane.worker.WorkerPlan;
import dev.shadowplane.dpdk.DpdkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The rules in force: checks, compiles, persists and publishes a set, all or nothing. What only the
 * old set used is freed when every worker has left it. The conductor's thread.
 */
final class RuleManager implements AutoCloseable {
  /** Stands in a plan until the worker's handle puts its own there. */
  private static final Histogram NO_LATENCIES = new Histogram(1);

  private final DataPlaneConfig config;
  private final PortSet ports;
  private final List<Port> targets;
  private final RuleStore store;
  private final CounterRegistry counters;
  private final List<WorkerHandle> workers;
  private final JournalService journal;
  private final CopyService copies;
  private final Map<String, Integer> idByName = new HashMap<>();
  private Set<String> labelsInUse = Set.of();
  private final List<RuleTable> old = new ArrayList<>();
  private @Nullable RuleTable inForce;
  private volatile RuleSet current = new RuleSet(0, List.of());
  private int lastId;
  private boolean freeing;

  RuleManager(
      DataPlaneConfig config,
      PortSet ports,
      List<Port> targets,
      RuleStore store,
      CounterRegistry counters,
      List<WorkerHandle> workers,
      JournalService journal,
      CopyService copies) {
    this.config = config;
    this.ports = ports;
    this.targets = targets;
    this.store = store;
    this.counters = counters;
    this.workers = workers;
    this.journal = journal;
    this.copies = copies;
  }

  /** The set in force. */
  RuleSet current() {
    return current;
  }

  /** A set compiled, with all its counters, for every worker: putting it in force cannot fail. */
  private record Prepared(
      RuleSet set,
      RuleTable table,
      List<WorkerPlan> plans,
      List<Map<Integer, Sampler>> samplers,
      Set<String> labels) {}

  /** A set that was checked and compiled; its table is freed unless it comes into force. */
  record Compiled(List<Rule> rules, RuleTable table, List<String> warnings) {}

  /** Puts the persisted rules in force, or those of the configuration when there are none. */
  void resume() throws IOException {
    final RuleSet saved = store.load().orElse(null);
    if (saved == null) {
      apply(compile(config.rules()));
    } else {
      final Prepared prepared;
      try {
        prepared = prepare(saved, compile(saved.rules()).table);
      } catch (ConfigException e) {
        throw store.refuse(e);
      }
      publish(prepared);
    }
  }

  /**
   * Checks and compiles a set, on any thread; takes up to some seconds.
   *
   * @throws ConfigException when it is refused
   */
  Compiled compile(List<Rule> rules) {
    final List<String> warnings = RuleCheck.check(rules, config);
    try {
      return new Compiled(
          rules, new RuleTable(rules, name -> ports.byName(name).index()), warnings);
    } catch (DpdkException e) {
      throw new ConfigException("rules: " + e.getMessage());
    }
  }

  /**
   * Puts a set in force.
   *
   * @throws IOException when it cannot be persisted; nothing has changed
   * @throws dev.shadowplane.dataplane.telemetry.TelemetryException when there are not enough
   *     counters for it; nothing has changed
   */
  void apply(Compiled compiled) throws IOException {
    final RuleSet next = new RuleSet(current.version() + 1, compiled.rules);
    final Prepared prepared = prepare(next, compiled.table);
    try {
      store.save(next);
    } catch (IOException | RuntimeException e) {
      prepared.table.close();
      freeing = true;
      throw e;
    }
    publish(prepared);
  }

  private Prepared prepare(RuleSet next, RuleTable table) {
    final List<Rule> ordered = table.rules();
    final int[] ids = ordered.stream().mapToInt(rule -> idOf(rule.name())).toArray();
    final Set<String> labels = new HashSet<>();
    final List<WorkerPlan> plans = new ArrayList<>();
    final List<Map<Integer, Sampler>> samplers = new ArrayList<>();
    try {
      final CopyService.Numbers numbers = copies.numbers(ordered);
      final int[][] slots =
          ordered.stream().map(rule -> slots(rule, numbers)).toArray(int[][]::new);
      for (WorkerHandle worker : workers) {
        final RuleTally[] tallies =
            ordered.stream().map(rule -> tally(worker, rule, labels)).toArray(RuleTally[]::new);
        final Map<Integer, Sampler> ofWorker = new HashMap<>();
        samplers.add(ofWorker);
        plans.add(
            new WorkerPlan(
                ordered.isEmpty() ? null : table,
                ids,
                new RuleTallies(tallies),
                slots,
                numbers.of(worker.index()),
                portions(worker, ordered, ids, ofWorker),
                null,
                NO_LATENCIES));
      }
      journal.prepare(names(ordered, ids), counters);
    } catch (RuntimeException e) {
      table.close();
      // What was allocated so far goes the way of what the old set used.
      freeing = true;
      throw e;
    }
    return new Prepared(next, table, plans, samplers, labels);
  }

  private Portion[] portions(
      WorkerHandle worker, List<Rule> ordered, int[] ids, Map<Integer, Sampler> samplers) {
    final Portion[] portions = new Portion[ids.length];
    for (int i = 0; i < ids.length; i++) {
      final Rule rule = ordered.get(i);
      final @Nullable Sampler sampler = worker.sampler(ids[i], rule.limits(), workers.size());
      if (sampler != null) {
        samplers.put(ids[i], sampler);
      }
      portions[i] = new Portion(rule.change().snapBytes(), anonymisation(rule), sampler);
    }
    return portions;
  }

  /** The number that the journal's agent knows a rule's anonymisation by; 0 for none. */
  private int anonymisation(Rule rule) {
    final List<Anonymisation> all = config.anonymisations();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).name().equals(rule.anonymise())) {
        return i + 1;
      }
    }
    return 0;
  }

  private void publish(Prepared next) {
    journal.publish();
    for (int i = 0; i < workers.size(); i++) {
      workers.get(i).rules(next.plans.get(i), next.samplers.get(i));
    }
    if (inForce != null) {
      old.add(inForce);
    }
    inForce = next.table;
    labelsInUse = next.labels;
    current = next.set;
    idByName.keySet().retainAll(current.rules().stream().map(Rule::name).collect(toSet()));
    freeing = true;
  }

  private int idOf(String name) {
    return idByName.computeIfAbsent(name, key -> ++lastId);
  }

  private static Map<Integer, String> names(List<Rule> rules, int[] ids) {
    final Map<Integer, String> names = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      names.put(ids[i], rules.get(i).name());
    }
    return names;
  }

  private int[] slots(Rule rule, CopyService.Numbers numbers) {
    final CopyShape shape = copies.shape(rule);
    return rule.targets().stream()
        .mapToInt(target ->
            rule.copies(target)
                ? numbers.number(target, shape)
                : target instanceof RuleTarget.Port port
                    ? targets.indexOf(ports.byName(port.name()))
                    : WorkerPlan.JOURNAL)
        .toArray();
  }

  private RuleTally tally(WorkerHandle worker, Rule rule, Set<String> labels) {
    return new RuleTally(
        rule.targets().stream().map(Object::toString).toList(),
        target -> rule.copies(RuleTarget.of(target)),
        rule.limits().capsRate(),
        what -> {
          String label = CounterTypes.rule(rule.name(), what);
          if (workers.size() > 1) {
            label = CounterTypes.perWorker(label, worker.index());
          }
          labels.add(label);
          return worker
              .counts()
              .computeIfAbsent(
                  label, key -> new TallyCount(counters.counter(CounterTypes.ofRule(what), key)));
        });
  }

  /** Frees what the set before the present one used, once no worker uses it any more. */
  int freeOld() {
    if (!freeing || !workers.stream().allMatch(WorkerHandle::hasLeftOldPlans)) {
      return 0;
    }
    freeing = false;
    old.forEach(RuleTable::close);
    old.clear();
    final Set<String> gone = new HashSet<>();
    for (WorkerHandle worker : workers) {
      worker.counts().keySet().removeIf(label -> !labelsInUse.contains(label) && gone.add(label));
    }
    counters.free(gone::contains);
    journal.freeOld(counters);
    return 1;
  }

  /** Frees what is native. No worker runs any more. */
  @Override
  public void close() {
    old.forEach(RuleTable::close);
    old.clear();
    if (inForce != null) {
      inForce.close();
      inForce = null;
    }
  }
}
