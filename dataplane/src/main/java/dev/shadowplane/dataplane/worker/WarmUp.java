package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.PortRole;
import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.config.RecordsConfig.Profile;
import dev.shadowplane.dataplane.config.Role;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.encap.Copies;
import dev.shadowplane.dataplane.encap.CopyTarget;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.mirror.FlowStarts;
import dev.shadowplane.dataplane.mirror.MirrorTarget;
import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import dev.shadowplane.dataplane.mirror.Sampler;
import dev.shadowplane.dataplane.mirror.TallyCount;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import dev.shadowplane.dpdk.PktmbufPool;
import dev.shadowplane.dpdk.RingPorts;
import dev.shadowplane.dpdk.RxQueue;
import dev.shadowplane.dpdk.TxQueue;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * Takes a worker of its own through every branch on synthetic frames, until the compiler has
 * nothing left to do: before a port takes traffic, so that the first packet meets compiled code.
 * Runs on the thread that will poll, registered with DPDK.
 */
public final class WarmUp implements AutoCloseable {
  private static final int RING_DESCRIPTORS = 64;
  private static final int POOL_SIZE = 2_047;
  private static final int RING_BYTES = 1 << 16;
  private static final int MAX_FRAME_BYTES = 1_024;
  private static final int ROUNDS_A_PLAN = 64;
  private static final long HOLD_NS = 100_000;
  private static final long LEAST_NS = 300_000_000;
  private static final long QUIET_NS = 50_000_000;
  private static final long BUSY_MS = 5;
  private static final long MOST_NS = 3_000_000_000L;

  private static final List<String> COMPARED =
      List.of(
          "{ source-mac: '02:00:00:00:00:02', destination-ports: '1-79,81-99' }",
          "{ vlan: 100, protocol: tcp, source: 10.0.0.0/24, destination-ports: 80 }",
          "{ source: 'fd00::/64', destination-ports: 53, not: { dscp: 0, vlan: 3 } }",
          "{ tunnel: { vni: 7 }, inner: { tcp-flags: syn, not: { source: 10.0.0.9 } } }",
          "{ filter: 'udp and ip[8] = 3' }",
          "{ protocol: tcp, source: 'fd00::2', destination-ports: 80 }");

  private static final List<String> TUPLES =
      List.of(
          "{ vlan: 100, protocol: tcp, source: 10.0.0.0/24, destination-ports: 80 }",
          "{ protocol: udp, source: [ 'fd00::/64', 10.0.0.77 ], destination-ports: 53 }",
          "{ protocol: udp, source: 10.0.0.1, destination: 10.0.0.2, source-ports: 50002 }",
          "{ dscp: 46 }",
          "{ tcp-flags: 'syn,!ack' }",
          "{ inner-vlan: 8 }",
          "{ vlan: 9, ingress: a }",
          "{ protocol: icmp }",
          "{ protocol: gre }");

  private final List<AutoCloseable> resources = new ArrayList<>();
  private final List<AtomicCounter> counters = new ArrayList<>();
  private final MbufBurst burst = new MbufBurst(Worker.BURST);
  private final List<byte[]> frames = WarmUpFrames.all();
  private final PktmbufPool pool;
  private final MbufAllocator allocator;
  private final TxQueue offered;
  private final RxQueue forwarded;
  private final RxQueue returned;
  private final TxQueue offeredBack;
  private final TxQueue shouted;
  private final RxQueue mirrored;
  private final RxQueue mirroredToo;
  private final Worker worker;
  private final Worker workerWithoutJournal;
  private final WarmUpCopies copies;
  private final OneToOneRingBuffer journal;
  private final OneToOneRingBuffer records;
  private final List<WorkerPlan> plans;
  private int nextFrame;
  private int round;

  /**
   * Makes a worker with everything around it in memory.
   *
   * @param serial distinguishes names in this process
   */
  public WarmUp(int serial) {
    pool = keep(new PktmbufPool("warm" + serial, POOL_SIZE, 2_048 + 128, -1));
    final PktmbufPool headers =
        keep(new PktmbufPool("warmh" + serial, POOL_SIZE, CopyTarget.HEADER_BYTES, -1));
    allocator = keep(new MbufAllocator(pool, Worker.BURST));
    final EthPort[] in = pair("wi" + serial);
    final EthPort[] out = pair("wo" + serial);
    final EthPort[] shadow = pair("ws" + serial);
    final EthPort[] second = pair("wt" + serial);
    final EthPort[] shouting = pair("wr" + serial);
    offered = in[0].txQueue(0);
    forwarded = out[1].rxQueue(0);
    returned = in[0].rxQueue(0);
    offeredBack = out[1].txQueue(0);
    shouted = shouting[0].txQueue(0);
    mirrored = shadow[1].rxQueue(0);
    mirroredToo = second[1].rxQueue(0);
    journal = new OneToOneRingBuffer(ringBuffer());
    final UnsafeBuffer recordBuffer = ringBuffer();
    records = new OneToOneRingBuffer(recordBuffer);
    final RecordRing recordRing = new RecordRing(recordBuffer);
    copies = keep(new WarmUpCopies(second[0].txQueue(0), headers));
    plans = plans(recordRing);
    final WorkerPorts ports =
        new WorkerPorts(
            List.of(path(0, in[1], out[0]), path(1, out[0], in[1])),
            List.of(
                new MirrorTarget(shadow[0].txQueue(0), MAX_FRAME_BYTES, Worker.BURST),
                new MirrorTarget(second[0].txQueue(0), Integer.MAX_VALUE, Worker.BURST)),
            List.of(
                new ShadowPort(
                    shouting[1].rxQueue(0),
                    new ShadowPort.Counters(counter(), counter(), counter(), counter()),
                    new PortRole("shouting", Role.STANDBY, 0))));
    worker = worker(ports, new JournalTap(new JournalRing(journal), Worker.BURST));
    workerWithoutJournal = worker(ports, null);
  }

  private Worker worker(WorkerPorts ports, @Nullable JournalTap tap) {
    return new Worker(
        "warm-up",
        ports,
        tap,
        new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES])),
        new WallClock(),
        new WorkerCounters(counter(), counter(), counter(), counter(), counter(), counter()),
        plans.getFirst());
  }

  /**
   * Runs until hardly anything was compiled for a while, for some tenths of a second at least and
   * some seconds at most. What is compiled then happens too rarely to wait for.
   */
  public void run() {
    final CompilationMXBean compilation = ManagementFactory.getCompilationMXBean();
    final long startNs = System.nanoTime();
    long windowMs = compilation.getTotalCompilationTime();
    long windowNs = startNs;
    for (int turn = 0; ; turn++) {
      // Both kinds of worker, and two of each path and target, as in life: what never happened here
      // is left out.
      final Worker worker = turn % 2 == 0 ? this.worker : workerWithoutJournal;
      worker.publish(plans.get(turn % plans.size()));
      // Now and then nothing is drained, so that every ring fills and everything is shed.
      final boolean drains = turn / plans.size() % 4 != 3;
      for (int i = 0; i < ROUNDS_A_PLAN; i++) {
        offer();
        worker.doWork();
        worker.doWork();
        if (drains) {
          drain();
        }
      }
      drain();
      final long nowNs = System.nanoTime();
      final long nowMs = compilation.getTotalCompilationTime();
      final boolean isBusy = nowMs - windowMs > BUSY_MS;
      final boolean isOver = nowNs - windowNs > QUIET_NS;
      final long elapsedNs = nowNs - startNs;
      if ((elapsedNs > LEAST_NS && isOver && !isBusy) || elapsedNs > MOST_NS) {
        return;
      }
      if (isBusy || isOver) {
        windowMs = nowMs;
        windowNs = nowNs;
      }
    }
  }

  private void offer() {
    int count = 0;
    final int size =
        switch (round++ % 5) {
          case 0 -> 1;
          case 1 -> Worker.BURST / 2;
          default -> Worker.BURST;
        };
    while (count < size) {
      final long mbuf = allocator.allocate();
      if (mbuf == 0) {
        break;
      }
      final byte[] frame = frames.get(nextFrame++ % frames.size());
      NativeMemory.copy(frame, Mbuf.data(mbuf), frame.length);
      Mbuf.length(mbuf, frame.length);
      if (nextFrame % 41 == 0) {
        final long tail = allocator.allocate();
        if (tail != 0) {
          Mbuf.length(tail, 20);
          Mbuf.chain(mbuf, tail);
        }
      }
      burst.set(count++, mbuf);
    }
    // Most one way, as many rounds are; the other way and from a shadow now and then.
    final TxQueue queue = round % 7 == 0 ? offeredBack : round % 11 == 0 ? shouted : offered;
    queue.sendOrFree(burst, 0, count);
  }

  private void drain() {
    drain(forwarded);
    drain(returned);
    drain(mirrored);
    drain(mirroredToo);
    journal.read((type, buffer, index, length) -> {}, Integer.MAX_VALUE);
    records.read((type, buffer, index, length) -> {}, Integer.MAX_VALUE);
  }

  private void drain(RxQueue queue) {
    int count = queue.receive(burst, Worker.BURST);
    while (count > 0) {
      burst.free(0, count);
      count = queue.receive(burst, Worker.BURST);
    }
  }

  private static RecordFeed feed(RecordRing ring, Profile profile, boolean inner) {
    return new RecordFeed(ring, new RecordsConfig(profile, inner), HOLD_NS);
  }

  private List<WorkerPlan> plans(RecordRing ring) {
    final RecordFeed lean = feed(ring, Profile.LEAN, false);
    final RecordFeed full = feed(ring, Profile.FULL, true);
    final RecordFeed adaptive = feed(ring, Profile.ADAPTIVE, false);
    final List<RuleTarget> both =
        List.of(new RuleTarget.Port("shadow"), new RuleTarget.Port("second"), RuleTarget.JOURNAL);
    final List<Rule> all = List.of(new Rule("all", 0, Match.ALL, 100, both));
    final List<Rule> port =
        List.of(new Rule("all", 0, Match.ALL, 100, List.of(new RuleTarget.Port("shadow"))));
    final List<Rule> mixed = rules(COMPARED, both);
    mixed.add(new Rule("none", 0, match("{ protocol: gre }"), 100, List.of()));
    mixed.add(new Rule("tenth", 0, Match.ALL, 10, List.of(RuleTarget.JOURNAL)));
    final List<Rule> tuples = rules(TUPLES, both);
    final List<Rule> many = rules(COMPARED, both);
    many.addAll(rules(TUPLES, both));
    return List.of(
        plan(List.of(), null),
        plan(List.of(), lean),
        plan(List.of(), full),
        plan(List.of(), feed(ring, Profile.LEAN, true)),
        plan(port, lean),
        plan(port, adaptive),
        plan(all, null),
        plan(all, adaptive),
        plan(List.of(new Rule("half", 0, Match.ALL, 50, both)), adaptive),
        plan(mixed, adaptive),
        plan(List.of(limited(new Limits(3, 0, 2, 0, 0)), limited(Limits.NONE)), adaptive),
        plan(List.of(limited(new Limits(0, 900, 1, 50_000, 9_000_000))), null),
        copying(false, CopyChange.NONE, adaptive),
        copying(true, CopyChange.NONE, adaptive),
        copying(true, WarmUpCopies.everything(), null),
        plan(mixed.subList(0, mixed.size() - 1), null),
        plan(tuples, full),
        plan(many, adaptive));
  }

  private static Rule limited(Limits limits) {
    final List<RuleTarget> shadow = List.of(new RuleTarget.Port("shadow"));
    return new Rule("limited", 0, Match.ALL, 90, shadow, CopyChange.NONE, limits);
  }

  private static int targetIndex(RuleTarget target) {
    return switch (target) {
      case RuleTarget.Journal journal -> WorkerPlan.JOURNAL;
      case RuleTarget.Port port -> port.name().equals("shadow") ? 0 : 1;
      case RuleTarget.Collector collector -> throw new IllegalArgumentException(collector.name());
    };
  }

  private static List<Rule> rules(List<String> matches, List<RuleTarget> targets) {
    final List<Rule> rules = new ArrayList<>();
    for (String match : matches) {
      rules.add(new Rule("r" + rules.size(), 1, match(match), 50, targets));
    }
    return rules;
  }

  private static Match match(String selectors) {
    return MatchReader.read("warm-up", selectors);
  }

  /** Everything to targets of every kind, as copies. */
  private WorkerPlan copying(boolean all, CopyChange change, @Nullable RecordFeed feed) {
    final List<RuleTarget> targets = copies.targets(all);
    return plan(
        List.of(new Rule("copies", 0, Match.ALL, 100, targets, change, Limits.NONE)),
        copies.copies(targets, change),
        feed);
  }

  private WorkerPlan plan(List<Rule> rules, @Nullable RecordFeed feed) {
    return plan(rules, Copies.NONE, feed);
  }

  private WorkerPlan plan(List<Rule> rules, Copies made, @Nullable RecordFeed feed) {
    final RuleTable table = keep(new RuleTable(rules, name -> 0));
    final int[] ids = new int[rules.size()];
    final RuleTally[] tallies = new RuleTally[rules.size()];
    final int[][] targets = new int[rules.size()][];
    for (int i = 0; i < ids.length; i++) {
      final List<RuleTarget> ofRule = table.rules().get(i).targets();
      ids[i] = i;
      tallies[i] =
          new RuleTally(
              ofRule.stream().map(Object::toString).toList(),
              target -> !made.isNone(),
              table.rules().get(i).limits().capsRate(),
              what -> new TallyCount(counter()));
      targets[i] =
          made.isNone()
              ? ofRule.stream().mapToInt(WarmUp::targetIndex).toArray()
              : IntStream.range(0, ofRule.size()).map(WorkerPlan::copy).toArray();
    }
    return new WorkerPlan(
        rules.isEmpty() ? null : table,
        ids,
        new RuleTallies(tallies),
        targets,
        made,
        rules.stream()
            .map(rule ->
                new Portion(
                    rule.change().snapBytes(),
                    0,
                    rule.limits().equals(Limits.NONE)
                        ? null
                        : new Sampler(rule.limits(), 1, new FlowStarts(), 1)))
            .toArray(Portion[]::new),
        feed,
        new Histogram(1, 10_000_000_000L, 3));
  }

  private ForwardPath path(int port, EthPort from, EthPort to) {
    return new ForwardPath(port, from.rxQueue(0), to.txQueue(0), Integer.MAX_VALUE, pathCounters());
  }

  private EthPort[] pair(String name) {
    final RingPorts rings = keep(new RingPorts(name + "a", name + "b", RING_DESCRIPTORS));
    return new EthPort[] {open(rings.a()), open(rings.b())};
  }

  private EthPort open(String device) {
    final EthPort port = keep(EthPort.open(device, device));
    port.configure(new EthPortConfig(1, 1, RING_DESCRIPTORS, RING_DESCRIPTORS, 0), pool);
    port.start();
    return port;
  }

  private <T extends AutoCloseable> T keep(T resource) {
    resources.add(resource);
    return resource;
  }

  private static UnsafeBuffer ringBuffer() {
    return new UnsafeBuffer(
        ByteBuffer.allocateDirect(RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH));
  }

  private ForwardPath.PathCounters pathCounters() {
    return new ForwardPath.PathCounters(
        counter(), counter(), counter(), counter(), counter(), counter(), counter(), counter());
  }

  private AtomicCounter counter() {
    final AtomicCounter counter =
        new AtomicCounter(new UnsafeBuffer(ByteBuffer.allocateDirect(128)), 0);
    counters.add(counter);
    return counter;
  }

  /** Frees everything, once; {@link #run} has returned. */
  @Override
  public void close() {
    if (resources.isEmpty()) {
      return;
    }
    drain();
    for (AutoCloseable resource : resources.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("warm-up", e);
      }
    }
    resources.clear();
  }
}
