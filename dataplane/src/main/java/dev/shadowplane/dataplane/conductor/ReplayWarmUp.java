package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.encap.FrameShaper;
import dev.shadowplane.dataplane.encap.Rewrites;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.replay.RepeatedFrames;
import dev.shadowplane.dataplane.replay.Replay;
import dev.shadowplane.dataplane.replay.ReplayAgent;
import dev.shadowplane.dataplane.replay.ReplayCounters;
import dev.shadowplane.dataplane.replay.ReplayPort;
import dev.shadowplane.dataplane.replay.ReplayRequest;
import dev.shadowplane.dataplane.replay.ReplayTiming;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.PktmbufPool;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Replays to a device that takes everything, so that the agent's and the loader's code is compiled
 * before a frame is due that counts. One thread; closed after the agent has let go of it, or ended.
 */
final class ReplayWarmUp implements AutoCloseable {
  /** Each for about a third of a second. */
  private static final List<ReplayTiming> TIMINGS =
      List.of(ReplayTiming.ORIGINAL, new ReplayTiming.TopSpeed());

  private static final int FRAMES = 150_000;
  private static final long INTERVAL_NS = 2_500;
  private static final int DESCRIPTORS = 512;
  private static final int RING_BYTES = 1 << 20;

  private final EthPort port;
  private final List<Replay> replays = new ArrayList<>();

  /** Begins to replay. EAL runs; the pool outlives this. */
  ReplayWarmUp(String name, PktmbufPool pool, ReplayAgent agent) {
    port = EthPort.open(name, "net_null,no-rx=1");
    try {
      port.configure(new EthPortConfig(1, 1, DESCRIPTORS, DESCRIPTORS, 0), pool);
      port.start();
      for (ReplayTiming timing : TIMINGS) {
        replays.add(replay(timing, pool, agent));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    replays.forEach(Replay::start);
  }

  private Replay replay(ReplayTiming timing, PktmbufPool pool, ReplayAgent agent) {
    return new Replay(
        new ReplayRequest(
            "warm-up",
            "memory",
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            false,
            new RuleTarget.Port("warm-up"),
            timing,
            1,
            Match.ALL,
            null,
            ReplayRequest.Limits.DEFAULT),
        new Replay.Parts(
            agent,
            new ReplayPort("warm-up", port.txQueue(0), pool, 2_048, () -> true),
            new RepeatedFrames(FRAMES, INTERVAL_NS),
            new FrameShaper(new CopyShape(CopyChange.NONE, new Rewrites(List.of())), 2_048),
            new FlowHash(new byte[FlowHash.KEY_BYTES]),
            RING_BYTES,
            SystemNanoClock.INSTANCE),
        ReplayCounters.inMemory());
  }

  /** Whether it is over. */
  boolean isOver() {
    return replays.stream().allMatch(Replay::isGone);
  }

  /** Ends it; the agent has let go of it, or ended. */
  @Override
  public void close() {
    replays.forEach(Replay::close);
    port.close();
  }
}
