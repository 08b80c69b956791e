package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.encap.FrameShaper;
import dev.shadowplane.dataplane.encap.Rewrites;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.PktmbufPool;
import dev.shadowplane.dpdk.RingPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Replays between two ports made of rings, under a clock that only the test moves and with an agent
 * that only the test turns; the loader has its thread.
 */
final class ReplayLab implements AutoCloseable {
  /** Where the clock stands at first. */
  static final long BEGIN_NS = 5_000_000_000L;

  private static final AtomicInteger SERIAL = new AtomicInteger();
  private static final long PATIENCE_NS = 30_000_000_000L;
  private static final int BURST = 64;

  private final PktmbufPool pool;
  private final RingPorts rings;
  private final EthPort near;
  private final EthPort far;
  private final MbufBurst burst = new MbufBurst(BURST);
  private final ReplayAgent agent = new ReplayAgent();
  private final List<Replay> replays = new ArrayList<>();
  volatile boolean linkUp = true;
  long nowNs = BEGIN_NS;

  ReplayLab(PktmbufPool pool, int descriptors) {
    this.pool = pool;
    final String name = "replay" + SERIAL.incrementAndGet();
    rings = new RingPorts(name, "far" + name, descriptors);
    near = open(name, rings.a(), descriptors);
    far = open("far-" + name, rings.b(), descriptors);
  }

  private EthPort open(String name, String device, int descriptors) {
    final EthPort port = EthPort.open(name, device);
    port.configure(new EthPortConfig(1, 1, descriptors, descriptors, 0), pool);
    port.start();
    return port;
  }

  static ReplayRequest request(ReplayTiming timing, int loops) {
    return request(timing, loops, Match.ALL, ReplayRequest.Limits.DEFAULT);
  }

  static ReplayRequest request(
      ReplayTiming timing, int loops, Match match, ReplayRequest.Limits limits) {
    return new ReplayRequest(
        "test",
        "memory",
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        false,
        new RuleTarget.Port("near"),
        timing,
        loops,
        match,
        null,
        limits);
  }

  Replay start(ReplayRequest request, FrameSource source) {
    return start(request, source, null);
  }

  Replay start(ReplayRequest request, FrameSource source, @Nullable FrameShaper shaper) {
    final Replay replay =
        new Replay(
            request,
            new Replay.Parts(
                agent,
                new ReplayPort("near", near.txQueue(0), pool, 65_535, () -> linkUp),
                source,
                shaper != null
                    ? shaper
                    : new FrameShaper(
                        new CopyShape(CopyChange.NONE, new Rewrites(List.of())), 65_535),
                new FlowHash(new byte[FlowHash.KEY_BYTES]),
                1 << 20,
                () -> nowNs),
            ReplayCounters.inMemory());
    replays.add(replay);
    replay.start();
    return replay;
  }

  /** Turns the agent, the clock standing still, until there is nothing more to do but wait. */
  void turn() {
    for (int i = 0; i < 50; i++) {
      agent.doWork();
    }
  }

  /** Turns the agent until something holds. */
  void until(String what, BooleanSupplier condition) {
    final long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadlineNs > 0) {
        throw new AssertionError("waited in vain for " + what);
      }
      agent.doWork();
      LockSupport.parkNanos(1_000);
    }
  }

  /** Lets a replay begin; the time of its first frame. */
  long begin(Replay replay) {
    until("the beginning", () -> replay.state() == ReplayState.RUNNING);
    return nowNs + ReplayTransmitter.LEAD_NS;
  }

  /** What has come out so far. */
  List<byte[]> receive() {
    final List<byte[]> frames = new ArrayList<>();
    int received = far.rxQueue(0).receive(burst, BURST);
    while (received > 0) {
      for (int i = 0; i < received; i++) {
        frames.add(Mbuf.bytes(burst.get(i)));
      }
      burst.free(0, received);
      received = far.rxQueue(0).receive(burst, BURST);
    }
    return frames;
  }

  /** Turns the agent, and the clock on, until a replay is over; what has come out. */
  List<byte[]> all(Replay replay) {
    final List<byte[]> frames = new ArrayList<>();
    until(
        "the end",
        () -> {
          frames.addAll(receive());
          nowNs += 10_000;
          return replay.state().isOver();
        });
    frames.addAll(receive());
    replay.report();
    return frames;
  }

  @Override
  public void close() {
    replays.forEach(Replay::stop);
    agent.doWork();
    agent.onClose();
    replays.forEach(Replay::close);
    receive();
    near.close();
    far.close();
    rings.close();
  }
}
