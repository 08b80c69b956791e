package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dpdk.DpdkThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;

/**
 * Sends the frames of all replays. It owns the transmit queues that they use, turns without pause
 * while there is one, and rests while there is none. Allocates nothing in steady state.
 */
public final class ReplayAgent implements Agent {
  private static final long REST_NS = 1_000_000;

  /** Replaced by the owner, read by the agent. */
  private volatile ReplayTransmitter[] transmitters = {};

  /** How many want it to leave its queues alone. */
  private final AtomicInteger holders = new AtomicInteger();

  private volatile boolean held;

  /** None to do. */
  public ReplayAgent() {}

  /** Takes a replay on. The owner's thread. */
  void add(ReplayTransmitter transmitter) {
    final ReplayTransmitter[] before = transmitters;
    final ReplayTransmitter[] after = new ReplayTransmitter[before.length + 1];
    System.arraycopy(before, 0, after, 0, before.length);
    after[before.length] = transmitter;
    transmitters = after;
  }

  /** Forgets one that is over. The owner's thread. */
  void remove(ReplayTransmitter transmitter) {
    transmitters =
        java.util.Arrays.stream(transmitters)
            .filter(other -> other != transmitter)
            .toArray(ReplayTransmitter[]::new);
  }

  /** Asks the agent to leave its queues alone until {@link #release}, once for each call. */
  public void hold() {
    holders.incrementAndGet();
  }

  /**
   * Whether it does.
   *
   * @return true from the first duty cycle after {@link #hold} on
   */
  public boolean isHeld() {
    return held;
  }

  /** Lets it go on, as far as this caller is concerned. */
  public void release() {
    holders.decrementAndGet();
  }

  @Override
  public int doWork() {
    if (holders.get() > 0) {
      held = true;
      return 0;
    }
    if (held) {
      held = false;
      // Whoever asks to be left alone again right now waits for the next cycle.
      return 0;
    }
    int work = 0;
    for (ReplayTransmitter transmitter : transmitters) {
      work += transmitter.doWork();
    }
    return work;
  }

  @Override
  public void onClose() {
    for (ReplayTransmitter transmitter : transmitters) {
      transmitter.close();
    }
  }

  @Override
  public String roleName() {
    return "replay";
  }

  /**
   * How its thread waits: not at all while there is something to replay.
   *
   * @return for this agent alone
   */
  public IdleStrategy idleStrategy() {
    return new IdleStrategy() {
      @Override
      public void idle(int workCount) {
        if (workCount <= 0) {
          idle();
        }
      }

      @Override
      public void idle() {
        if (transmitters.length == 0) {
          LockSupport.parkNanos(REST_NS);
        } else {
          Thread.onSpinWait();
        }
      }

      @Override
      public void reset() {}
    };
  }

  /**
   * Makes threads that DPDK knows and that stay on a core.
   *
   * @param core its number; negative leaves a thread where the scheduler puts it
   * @return a factory of platform threads
   */
  public static ThreadFactory threads(int core) {
    return runnable ->
        Thread.ofPlatform()
            .name("replay")
            .unstarted(() -> {
              DpdkThread.register();
              try {
                if (core >= 0) {
                  DpdkThread.pin(core);
                }
                runnable.run();
              } finally {
                DpdkThread.unregister();
              }
            });
  }
}
