package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.JournalConfig;
import dev.shadowplane.dataplane.journal.JournalAgent;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalLedger;
import dev.shadowplane.dataplane.journal.JournalOptions;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalState;
import dev.shadowplane.dataplane.journal.JournalWriter;
import dev.shadowplane.dataplane.journal.PortCounters;
import dev.shadowplane.dataplane.journal.ShedReason;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * The journal of a data plane, or the absence of one: its agent, its rings, and what is counted of
 * each rule.
 */
final class JournalService {
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int FRAMES_A_TURN = 1_024;
  private static final String JOURNALED = "journaled";
  private static final String FAILED = "shed.journal.journal-failed";

  private final List<JournalRing> rings;
  private final @Nullable JournalWriter writer;
  private final @Nullable JournalAgent agent;
  private final Ledger ledger;
  private Map<Integer, String> rules = Map.of();
  private Map<Integer, String> oldRules = Map.of();

  /** No journal. */
  JournalService(CounterRegistry counters, Consumer<String> log) {
    rings = List.of();
    writer = null;
    agent = null;
    ledger = new Ledger(counters, log);
  }

  /**
   * A journal.
   *
   * @throws JournalException when its folder cannot be used
   */
  JournalService(
      DataPlaneConfig config,
      JournalConfig journal,
      List<Port> ports,
      PortCounters portCounters,
      CounterRegistry counters,
      Consumer<String> log)
      throws JournalException {
    rings =
        IntStream.range(0, config.workers().size())
            .mapToObj(i -> JournalRing.allocate(journal.ringBytes()))
            .toList();
    ledger = new Ledger(counters, log);
    writer =
        new JournalWriter(
            JournalOptions.of(
                journal.directory(),
                ports.stream()
                    .map(p -> new JournalPort(p.index(), p.config().name(), LINKTYPE_ETHERNET))
                    .toList()),
            ledger,
            portCounters,
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
    agent = new JournalAgent(writer, rings, FRAMES_A_TURN);
  }

  /** The agent to run; it owns the writer. */
  @Nullable JournalAgent agent() {
    return agent;
  }

  /** A worker's ring. */
  @Nullable JournalRing ring(int worker) {
    return rings.isEmpty() ? null : rings.get(worker);
  }

  /**
   * The rules whose frames may come from now on, those before among them until {@link #freeOld}.
   */
  void rules(Map<Integer, String> names, CounterRegistry counters) {
    if (writer == null) {
      return;
    }
    final Map<Integer, String> both = new HashMap<>(rules);
    both.putAll(names);
    oldRules = rules;
    rules = names;
    ledger.rules(both, counters);
    writer.rules(names);
  }

  /**
   * Frees the counters of rules that are gone. Frames of theirs still in a ring count for the
   * journal alone.
   */
  void freeOld(CounterRegistry counters) {
    if (writer == null || rules.keySet().containsAll(oldRules.keySet())) {
      return;
    }
    ledger.rules(rules, counters);
    for (Map.Entry<Integer, String> old : oldRules.entrySet()) {
      if (!rules.containsKey(old.getKey())) {
        final String name = old.getValue();
        counters.free(label ->
            label.equals(CounterTypes.rule(name, JOURNALED))
                || label.equals(CounterTypes.rule(name, FAILED)));
      }
    }
    oldRules = Map.of();
  }

  /** Counts by rule id. The table is replaced by the conductor and read by the journal agent. */
  private static final class Ledger implements JournalLedger {
    private final AtomicCounter frames;
    private final AtomicCounter bytes;
    private final AtomicCounter running;
    private final Map<ShedReason, AtomicCounter> shed = new EnumMap<>(ShedReason.class);
    private final Consumer<String> log;
    private volatile AtomicCounter[][] byRule = new AtomicCounter[0][];

    private Ledger(CounterRegistry counters, Consumer<String> log) {
      this.log = log;
      frames = counters.counter(CounterTypes.JOURNAL, CounterTypes.journal("frames"));
      bytes = counters.counter(CounterTypes.JOURNAL, CounterTypes.journal("bytes"));
      running = counters.counter(CounterTypes.JOURNAL, CounterTypes.journal("running"));
      for (ShedReason reason : ShedReason.values()) {
        shed.put(
            reason,
            counters.counter(CounterTypes.JOURNAL_SHED, CounterTypes.journalShed(reason.label())));
      }
    }

    private void rules(Map<Integer, String> names, CounterRegistry counters) {
      final int size = names.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
      final AtomicCounter[][] table = new AtomicCounter[size][];
      names.forEach((id, name) ->
          table[id] =
              new AtomicCounter[] {
                counters.counter(CounterTypes.RULE, CounterTypes.rule(name, JOURNALED)),
                counters.counter(CounterTypes.RULE_SHED, CounterTypes.rule(name, FAILED))
              });
      byRule = table;
    }

    private AtomicCounter counterOf(ShedReason reason) {
      return Objects.requireNonNull(shed.get(reason));
    }

    private void count(int ruleId, int which, long count) {
      final AtomicCounter[][] table = byRule;
      if (ruleId >= 0 && ruleId < table.length && table[ruleId] != null) {
        final AtomicCounter counter = table[ruleId][which];
        counter.setRelease(counter.getPlain() + count);
      }
    }

    @Override
    public void journaled(int ruleId, long count, long countBytes) {
      frames.setRelease(frames.getPlain() + count);
      bytes.setRelease(bytes.getPlain() + countBytes);
      count(ruleId, 0, count);
    }

    @Override
    public void shed(int ruleId, ShedReason reason, long count) {
      final AtomicCounter counter = counterOf(reason);
      counter.setRelease(counter.getPlain() + count);
      count(ruleId, 1, count);
    }

    @Override
    public void state(JournalState state, String reason) {
      running.setRelease(state == JournalState.RUNNING ? 1 : 0);
      if (state == JournalState.STOPPED) {
        log.accept("journal stopped, forwarding and mirrors go on: " + reason);
      } else if (frames.getPlain() > 0 || counterOf(ShedReason.JOURNAL_FAILED).getPlain() > 0) {
        log.accept("journal resumed");
      }
    }
  }
}
