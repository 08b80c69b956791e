package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.mirror.BurstClassifier;
import dev.shadowplane.dataplane.mirror.MirrorTarget;
import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import dev.shadowplane.dataplane.mirror.Sampler;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * Polls queues and carries production. Per burst: receive, parse, choose what is mirrored, send
 * production, then mirrors, then copy to the journal, then write records. A burst of which all goes
 * to one port is parsed after production was sent. Nothing here allocates, blocks, logs, throws or
 * waits; what finds no room is shed and counted, production last.
 */
public final class Worker implements Agent {
  /** Frames taken from a queue at a time. */
  public static final int BURST = 32;

  /** How many rules' counts are published with a full burst, and with any other. */
  private static final int PUBLISHED_UNDER_LOAD = 1;

  private static final int PUBLISHED = 2 * BURST;

  private static final VarHandle CYCLES;
  private static final VarHandle SETTLED;

  /**
   * Clocks cost a good part of a burst: a full burst's latency is taken, and gaps are looked for,
   * this often. Under load, so often are shadow networks listened to.
   */
  private static final int SAMPLING = 16;

  static {
    try {
      CYCLES = MethodHandles.lookup().findVarHandle(Worker.class, "cycles", long.class);
      SETTLED = MethodHandles.lookup().findVarHandle(Worker.class, "settled", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String roleName;
  private final ForwardPath[] paths;
  private final MirrorTarget[] targets;
  private final ShadowPort[] shadows;
  private final @Nullable JournalTap journal;
  private final BurstParser parser;
  private final BurstClassifier classifier;
  private final RecordWriter records;
  private final WallClock clock;
  private final GapMeter gaps;

  private final MbufBurst burst = new MbufBurst(BURST);

  private volatile WorkerPlan plan;
  private volatile boolean held;
  private WorkerPlan inHand;

  /** Of a plan that was left: counts that are not published yet. */
  private @Nullable RuleTallies leaving;

  private long cycles;

  /** The last duty cycle after which nothing of an earlier plan was left. */
  private volatile long settled;

  private long burstNs;
  private long lastStampNs;

  /**
   * A worker.
   *
   * @param roleName names its thread
   * @param ports what it polls and sends to
   * @param journal the way to the journal, if there is one
   * @param parser its own
   * @param clock stamps bursts
   * @param counters its own
   * @param plan to begin with
   */
  public Worker(
      String roleName,
      WorkerPorts ports,
      @Nullable JournalTap journal,
      FrameParser parser,
      WallClock clock,
      WorkerCounters counters,
      WorkerPlan plan) {
    this.roleName = roleName;
    this.paths = ports.paths().toArray(ForwardPath[]::new);
    this.targets = ports.targets().toArray(MirrorTarget[]::new);
    this.shadows = ports.shadows().toArray(ShadowPort[]::new);
    this.journal = journal;
    this.parser = new BurstParser(parser, BURST);
    this.classifier = new BurstClassifier(BURST, parser.flowHash());
    this.records = new RecordWriter(this.parser, parser.flowHash(), BURST, counters);
    this.clock = clock;
    this.gaps = new GapMeter(counters.longestGapNs(), counters.gapsOverMillisecond());
    this.plan = plan;
    this.inHand = plan;
  }

  @Override
  public String roleName() {
    return roleName;
  }

  /**
   * Gives the worker a new plan, from any one thread. What only the old plan refers to may be taken
   * away once {@link #hasLeft} is true.
   *
   * @param next used from the next duty cycle on
   * @return what to ask {@link #hasLeft} with
   */
  public long publish(WorkerPlan next) {
    plan = next;
    return (long) CYCLES.getVolatile(this);
  }

  /**
   * Whether the worker has left the plan that was replaced.
   *
   * @param ticket what {@link #publish} returned
   * @return true from the second duty cycle after it on, once the old plan's counts are published:
   *     the first may have read the old plan before its counter was seen
   */
  public boolean hasLeft(long ticket) {
    return settled - ticket >= 2;
  }

  /**
   * Keeps the worker away from every queue, from any one thread, until {@link #release}.
   *
   * @return what to ask {@link #hasLeft} with: no queue is used from then on
   */
  public long hold() {
    held = true;
    return (long) CYCLES.getVolatile(this);
  }

  /** Lets a held worker go on. */
  public void release() {
    held = false;
  }

  @Override
  public int doWork() {
    if (held) {
      settle();
      inHand.tallies().publish(PUBLISHED);
      endCycle();
      return 0;
    }
    final WorkerPlan current = plan;
    if (inHand != current) {
      leave(inHand, current);
    }
    int work = 0;
    for (ForwardPath path : paths) {
      work += poll(path, current);
    }
    settle();
    if (work == 0) {
      current.tallies().publish(PUBLISHED);
    }
    final boolean isSample = (cycles & (SAMPLING - 1)) == 0;
    if (work == 0 || isSample) {
      for (ShadowPort shadow : shadows) {
        work += shadow.poll(burst);
      }
    }
    endCycle();
    if (isSample) {
      gaps.look();
    }
    return work;
  }

  private void endCycle() {
    final long next = cycles + 1;
    if (leaving == null) {
      SETTLED.setRelease(this, next);
    }
    CYCLES.setRelease(this, next);
  }

  private void leave(WorkerPlan old, WorkerPlan next) {
    inHand = next;
    if (old.tallies() != next.tallies()) {
      if (leaving != null) {
        leaving.publish(Integer.MAX_VALUE);
      }
      leaving = old.tallies();
    }
  }

  /** Publishes what is left of an earlier plan: in steps, for there may be thousands of rules. */
  private void settle() {
    final @Nullable RuleTallies old = leaving;
    if (old != null && old.publish(PUBLISHED)) {
      leaving = null;
    }
  }

  /**
   * Goes on after an {@link InternalError}: control has cut the file of the record ring short, so
   * records are shed until it attaches again. The JVM tells of it late, so that at most the burst
   * in hand is lost; its mbufs are left alone, since nobody can say who holds them.
   */
  public void recover() {
    final @Nullable RecordFeed feed = plan.records();
    if (feed != null) {
      feed.ring().markBroken();
    }
    for (MirrorTarget target : targets) {
      target.forget();
    }
    inHand.copies().forget();
    if (journal != null) {
      journal.forget();
    }
    inHand.tallies().publish(Integer.MAX_VALUE);
  }

  private int poll(ForwardPath path, WorkerPlan current) {
    final int received = path.receive(burst, BURST);
    if (received == 0) {
      return 0;
    }
    final boolean full = received == BURST;
    final boolean timed = !full || (cycles & (SAMPLING - 1)) == 0;
    if (!current.inspects()) {
      final long startNs = timed ? System.nanoTime() : 0;
      path.forward(burst, received);
      if (timed) {
        latency(current, System.nanoTime() - startNs, received);
      }
      return received;
    }
    // Records and frames of the journal bear the time of their burst.
    final long startNs = timed || current.stamps() ? System.nanoTime() : 0;
    burstNs = startNs;
    final boolean ahead = mirrorAhead(current, received);
    if (!ahead) {
      inspect(path, current, received);
      final int @Nullable [] deciding = decidesPerPacket(current) ? classifier.rules() : null;
      records.complete(current, burst, received, deciding);
    }
    path.forward(burst, received);
    if (timed) {
      latency(current, System.nanoTime() - startNs, received);
    }
    if (ahead) {
      records.parse(current, burst, received, path, burstNs);
      records.complete(current, burst, received, null);
    }
    shadow(path, current, received, startNs);
    return received;
  }

  private static void latency(WorkerPlan current, long elapsedNs, int received) {
    current
        .latencies()
        .recordValueWithCount(
            Math.min(elapsedNs, current.latencies().getHighestTrackableValue()),
            received == BURST ? (long) BURST * SAMPLING : received);
  }

  /**
   * Takes the references of a burst that goes to one port as a whole, without a look at its frames:
   * production does not wait for them to be parsed.
   *
   * @return false, and nothing is done, where it does not, or there is anything unusual about one
   */
  private boolean mirrorAhead(WorkerPlan current, int received) {
    final int index = current.mirrorsAllTo();
    if (index < 0) {
      return false;
    }
    final RuleTallies tallies = current.tallies();
    if (!targets[index].addAll(burst, received, RuleTally.slot(0, 0), tallies)) {
      return false;
    }
    tallies.matched(0, received);
    return true;
  }

  /**
   * Parses a burst and takes the references that mirrors need: before production gives its own
   * away.
   */
  private void inspect(ForwardPath path, WorkerPlan current, int received) {
    records.parse(current, burst, received, path, burstNs);
    final @Nullable RuleTable rules = current.rules();
    if (rules == null) {
      return;
    }
    if (rules.takesEverything()) {
      selectAll(current, received);
    } else if (rules.takesAll()) {
      sampleEach(current, rules, received);
    } else {
      selectEach(path, current, rules, received);
    }
  }

  private void selectAll(WorkerPlan current, int received) {
    current.tallies().matched(0, parser.shareable(received));
    final RuleTally tally = current.tallies().of(0);
    final int[] chosen = current.targets(0);
    if (chosen.length == 0) {
      return;
    }
    long record = parser.records();
    for (int i = 0; i < received; i++) {
      if (parser.isShareable(i)) {
        share(current, 0, tally, chosen, burst.get(i), record);
      }
      record = parser.next(record);
    }
  }

  private void sampleEach(WorkerPlan current, RuleTable rules, int received) {
    long record = parser.records();
    for (int i = 0; i < received; i++) {
      if (parser.isShareable(i)) {
        selectOne(current, rules, 0, burst.get(i), record);
      }
      record = parser.next(record);
    }
  }

  private void selectEach(ForwardPath path, WorkerPlan current, RuleTable rules, int received) {
    final int[] deciding = classifier.classify(rules, burst, parser.records(), received);
    long record = parser.records();
    for (int i = 0; i < received; i++) {
      if (deciding[i] != RuleTable.NONE && parser.isShareable(i)) {
        selectOne(current, rules, deciding[i], burst.get(i), record);
      }
      record = parser.next(record);
    }
    if (classifier.malformedInner() > 0) {
      final AtomicCounter counter = path.counters().malformedInner();
      counter.setRelease(counter.getPlain() + classifier.malformedInner());
    }
  }

  private void selectOne(WorkerPlan current, RuleTable rules, int rule, long mbuf, long record) {
    final RuleTallies tallies = current.tallies();
    tallies.matched(rule, 1);
    if (!rules.samples(rule, record)) {
      tallies.filtered(rule);
      return;
    }
    final @Nullable Sampler sampler = current.portion(rule).sampler();
    if (sampler == null || admits(sampler, tallies, rule, mbuf, record)) {
      share(current, rule, tallies.of(rule), current.targets(rule), mbuf, record);
    }
  }

  private boolean admits(Sampler sampler, RuleTallies tallies, int rule, long mbuf, long record) {
    final int bytes = Mbuf.packetLength(mbuf);
    final int hash = NativeMemory.getInt(record + PacketRecord.FLOW_HASH);
    if (!sampler.takes(hash, bytes, burstNs)) {
      tallies.filtered(rule);
      return false;
    }
    if (!sampler.admits(bytes, burstNs)) {
      tallies.of(rule).rateCap();
      return false;
    }
    return true;
  }

  private void share(
      WorkerPlan current, int rule, RuleTally tally, int[] chosen, long mbuf, long record) {
    int references = 0;
    for (int i = 0; i < chosen.length; i++) {
      final int index = chosen[i];
      if (index >= 0) {
        if (Mbuf.packetLength(mbuf) > targets[index].maxFrameBytes()) {
          tally.target(i).tooLong();
          continue;
        }
        targets[index].add(mbuf, RuleTally.slot(rule, i), tally.target(i));
      } else if (index < WorkerPlan.JOURNAL) {
        current
            .copies()
            .add(WorkerPlan.copy(index), mbuf, record, RuleTally.slot(rule, i), tally.target(i));
      } else if (journal != null) {
        journal.add(mbuf, record, current, rule, RuleTally.slot(rule, i), tally.target(i));
      } else {
        continue;
      }
      references++;
    }
    if (references > 0) {
      Mbuf.addReferences(mbuf, references);
    }
  }

  /** Everything that is not production, in the order in which it matters. */
  private void shadow(ForwardPath path, WorkerPlan current, int received, long startNs) {
    final @Nullable RecordFeed feed = current.records();
    lastStampNs = Math.max(lastStampNs, clock.epochNs(startNs));
    for (MirrorTarget target : targets) {
      target.send(current.tallies());
    }
    current.copies().send(current.tallies(), path.ingressPort(), lastStampNs);
    if (journal != null) {
      final int shed = journal.write(current.tallies(), path.ingressPort(), lastStampNs);
      if (shed > 0) {
        final AtomicCounter counter = path.counters().journalShed();
        counter.setRelease(counter.getPlain() + shed);
      }
    }
    current.tallies().publish(received == BURST ? PUBLISHED_UNDER_LOAD : PUBLISHED);
    if (feed != null) {
      records.write(feed.ring(), received, lastStampNs);
    }
  }

  /** Whether rules were looked up packet by packet. */
  private static boolean decidesPerPacket(WorkerPlan current) {
    final @Nullable RuleTable rules = current.rules();
    return rules != null && !rules.takesEverything() && !rules.takesAll();
  }
}
