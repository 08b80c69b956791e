package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.JournalConfig;
import dev.shadowplane.dataplane.journal.JournalAgent;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalHelper;
import dev.shadowplane.dataplane.journal.JournalLedger;
import dev.shadowplane.dataplane.journal.JournalOptions;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalSelfTest;
import dev.shadowplane.dataplane.journal.JournalState;
import dev.shadowplane.dataplane.journal.JournalWriter;
import dev.shadowplane.dataplane.journal.PortCounters;
import dev.shadowplane.dataplane.journal.JournalHelperListener;
import dev.shadowplane.dataplane.journal.ShedReason;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.privacy.Anonymiser;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.agrona.collections.Int2ObjectHashMap;
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
  private final @Nullable JournalHelper helper;
  private final Ledger ledger;
  private Map<Integer, String> rules = Map.of();
  private Map<Integer, String> nextRules = Map.of();

  /** Every name since counters were freed last, whether its rule has been in force or not. */
  private final Map<Integer, String> seen = new HashMap<>();

  /** No journal. */
  JournalService(CounterRegistry counters, Consumer<String> log) {
    rings = List.of();
    writer = null;
    agent = null;
    helper = null;
    ledger = new Ledger(counters, log);
  }

  /**
   * A journal.
   *
   * @throws JournalException when its folder cannot be used
   * @throws dev.shadowplane.dataplane.config.ConfigException when the key of an anonymisation
   *     cannot be used
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
    final List<Anonymiser> anonymisers =
        config.anonymisations().stream().map(Anonymiser::new).toList();
    writer =
        new JournalWriter(
            JournalOptions.of(
                journal.directory(),
                rings.size(),
                ports.stream()
                    .map(p -> new JournalPort(p.index(), p.config().name(), LINKTYPE_ETHERNET))
                    .toList())
                .with(new JournalOptions.Retention(journal.maxBytes(), journal.maxAgeMs())),
            ledger,
            portCounters,
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
    writer.anonymisers(anonymisers);
    agent = new JournalAgent(writer, rings, FRAMES_A_TURN);
    helper =
        new JournalHelper(
            writer,
            new Help(counters, log),
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
  }

  /** The agent to run; it owns the writer. */
  @Nullable JournalAgent agent() {
    return agent;
  }

  /** The agent to run beside it. */
  @Nullable JournalHelper helper() {
    return helper;
  }

  /** A worker's ring. */
  @Nullable JournalRing ring(int worker) {
    return rings.isEmpty() ? null : rings.get(worker);
  }

  /**
   * Makes the counters of rules that may be put in force, beside those that are.
   *
   * @throws dev.shadowplane.dataplane.telemetry.TelemetryException when there are not enough;
   *     {@link #freeOld} then frees what was made
   */
  void prepare(Map<Integer, String> names, CounterRegistry counters) {
    if (writer != null) {
      nextRules = names;
      seen.putAll(names);
      ledger.rules(seen, counters);
    }
  }

  /** The rules prepared last are in force; frames of those before them may still come. */
  void publish() {
    if (writer != null) {
      rules = nextRules;
      writer.rules(rules);
    }
  }

  /**
   * Frees the counters of rules that are gone. Frames of theirs still in a ring count for the
   * journal alone.
   */
  void freeOld(CounterRegistry counters) {
    if (seen.keySet().equals(rules.keySet())) {
      return;
    }
    ledger.rules(rules, counters);
    final Set<String> gone = new HashSet<>(seen.values());
    gone.removeAll(rules.values());
    final Set<String> labels = new HashSet<>();
    for (String name : gone) {
      labels.add(CounterTypes.rule(name, JOURNALED));
      labels.add(CounterTypes.rule(name, FAILED));
    }
    counters.free(labels::contains);
    seen.keySet().retainAll(rules.keySet());
  }

  /** Counts and logs what the helper does. */
  private static final class Help implements JournalHelperListener {
    private final AtomicCounter deletedFiles;
    private final AtomicCounter deletedBytes;
    private final AtomicCounter diskSpeed;
    private final AtomicCounter captureFrames;
    private final AtomicCounter captureBytes;
    private final Consumer<String> log;

    private Help(CounterRegistry counters, Consumer<String> log) {
      this.log = log;
      deletedFiles = counter(counters, "retention.deleted-files");
      deletedBytes = counter(counters, "retention.deleted-bytes");
      diskSpeed = counter(counters, "self-test.disk-bytes-per-second");
      captureFrames = counter(counters, "self-test.capture-frames-per-second");
      captureBytes = counter(counters, "self-test.capture-bytes-per-second");
    }

    private static AtomicCounter counter(CounterRegistry counters, String what) {
      return counters.counter(CounterTypes.JOURNAL, CounterTypes.journal(what));
    }

    @Override
    public void selfTested(JournalSelfTest.Result result) {
      diskSpeed.setRelease(result.diskBytesPerSecond());
      captureFrames.setRelease(result.captureFramesPerSecond());
      captureBytes.setRelease(result.captureBytesPerSecond());
      log.accept("journal self-test: " + result.text());
    }

    @Override
    public void deleted(long files, long bytes, long bytesLeft) {
      deletedFiles.setRelease(deletedFiles.getPlain() + files);
      deletedBytes.setRelease(deletedBytes.getPlain() + bytes);
      log.accept(
          "journal: deleted the oldest "
              + files
              + " files, "
              + bytes
              + " bytes; "
              + bytesLeft
              + " bytes are kept");
    }

    @Override
    public void failed(String reason) {
      log.accept(reason);
    }
  }

  /** Counts by rule id. The table is replaced by the conductor and read by the journal agent. */
  private static final class Ledger implements JournalLedger {
    private final AtomicCounter frames;
    private final AtomicCounter bytes;
    private final AtomicCounter running;
    private final Map<ShedReason, AtomicCounter> shed = new EnumMap<>(ShedReason.class);
    private final Consumer<String> log;
    private volatile Int2ObjectHashMap<AtomicCounter[]> byRule = new Int2ObjectHashMap<>();

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
      final Int2ObjectHashMap<AtomicCounter[]> table = new Int2ObjectHashMap<>();
      names.forEach((id, name) ->
          table.put(
              id.intValue(),
              new AtomicCounter[] {
                counters.counter(CounterTypes.RULE, CounterTypes.rule(name, JOURNALED)),
                counters.counter(CounterTypes.RULE_SHED, CounterTypes.rule(name, FAILED))
              }));
      byRule = table;
    }

    private AtomicCounter counterOf(ShedReason reason) {
      return Objects.requireNonNull(shed.get(reason));
    }

    private void count(int ruleId, int which, long count) {
      final AtomicCounter @Nullable [] ofRule = byRule.get(ruleId);
      if (ofRule != null) {
        final AtomicCounter counter = ofRule[which];
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
