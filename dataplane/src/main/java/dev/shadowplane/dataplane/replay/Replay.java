package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.encap.FrameShaper;
import dev.shadowplane.dataplane.packet.FlowHash;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One replay, from its start to its end: a loader on a thread of its own, and a transmitter that a
 * {@link ReplayAgent} turns. Its methods are those of its owner, one thread.
 */
public final class Replay implements AutoCloseable {
  /** The largest timing error that the histogram tells from larger ones. */
  static final long HIGHEST_ERROR_NS = 60_000_000_000L;

  private final ReplayRequest request;
  private final ReplayCounters counters;
  private final ReplayAgent agent;
  private final ReplayControl control = new ReplayControl();
  private final SingleWriterRecorder recorder = new SingleWriterRecorder(1, HIGHEST_ERROR_NS, 3);
  private final Histogram errors = new Histogram(1, HIGHEST_ERROR_NS, 3);
  private final FrameRing ring;
  private final ReplayTransmitter transmitter;
  private final ReplayLoader loader;
  private final Thread thread;
  private final long sizeBytes;

  @SuppressWarnings("NullAway") // the first call takes null
  private @Nullable Histogram interval;

  private boolean removed;
  private boolean closed;

  /**
   * What it works on.
   *
   * @param agent sends the frames
   * @param port where to
   * @param source of the frames; closed by this, also when the constructor throws
   * @param shaper what is made of them
   * @param flowHash of flows
   * @param ringBytes how much is read ahead, a power of two
   * @param clock of the agent
   */
  public record Parts(
      ReplayAgent agent,
      ReplayPort port,
      FrameSource source,
      FrameShaper shaper,
      FlowHash flowHash,
      int ringBytes,
      NanoClock clock) {}

  /**
   * Begins to read ahead; {@link #start} begins to send.
   *
   * @param request what is asked for
   * @param parts what it works on
   * @param counters where it is counted
   * @throws dev.shadowplane.dpdk.DpdkException when a filter does not compile
   */
  public Replay(ReplayRequest request, Parts parts, ReplayCounters counters) {
    this.request = request;
    this.counters = counters;
    this.agent = parts.agent();
    this.sizeBytes = parts.source().sizeBytes();
    final FrameSelector selector = new FrameSelector(request.match(), parts.flowHash());
    ring = new FrameRing(parts.ringBytes());
    loader =
        new ReplayLoader(
            new EthernetSource(parts.source()),
            selector,
            parts.shaper(),
            control,
            counters,
            request,
            ring,
            parts.port());
    transmitter =
        new ReplayTransmitter(
            ring, control, counters, parts.port(), request, recorder, parts.clock());
    thread = Thread.ofPlatform().name("replay-" + request.name()).daemon().unstarted(loader);
  }

  /** Begins. */
  public void start() {
    thread.start();
    agent.add(transmitter);
  }

  /**
   * What was asked for.
   *
   * @return as given
   */
  public ReplayRequest request() {
    return request;
  }

  /** Holds it where it is; its time stands still. */
  public void pause() {
    control.paused(true);
  }

  /** Goes on; everything left is sent as much later as the pause was long. */
  public void resume() {
    control.paused(false);
  }

  /**
   * Goes on from another place of the source, from where its time counts anew.
   *
   * @param timeNs of the source, since the epoch
   */
  public void seek(long timeNs) {
    control.seek(timeNs);
  }

  /**
   * Goes on from a place that is told from the first frame.
   *
   * @param offsetNs from the time of the first frame
   * @return false when that is not known yet
   */
  public boolean seekOffset(long offsetNs) {
    if (!control.isFirstKnown()) {
      return false;
    }
    control.seek(control.firstNs() + offsetNs);
    return true;
  }

  /** Ends it, as soon as the agent and the loader have let go. */
  public void stop() {
    control.stop();
  }

  /**
   * What it is doing.
   *
   * @return over only when nobody works for it any more
   */
  public ReplayState state() {
    if (control.hasAgentEnded()) {
      return !control.isComplete()
          ? ReplayState.STOPPED
          : control.problem() == null ? ReplayState.FINISHED : ReplayState.FAILED;
    }
    return control.isPaused()
        ? ReplayState.PAUSED
        : control.hasBegun() ? ReplayState.RUNNING : ReplayState.LOADING;
  }

  /**
   * Whether the port's link is up.
   *
   * @return false while nothing can be sent
   */
  public boolean isLinkUp() {
    return control.isLinkUp();
  }

  /**
   * From the first frame's time to the last frame sent so far, pauses included.
   *
   * @return nanoseconds; 0 before the first frame
   */
  public long durationNs() {
    return transmitter.durationNs();
  }

  /** Publishes what was measured since the last call, and lets the agent go when it is over. */
  public void report() {
    final Histogram taken = recorder.getIntervalHistogram(interval);
    interval = taken;
    errors.add(taken);
    for (int i = 0; i < ReplayCounters.QUANTILES.length; i++) {
      counters
          .quantiles
          .get(i)
          .setRelease(errors.getValueAtPercentile(ReplayCounters.QUANTILES[i]));
    }
    counters.state.setRelease(state().code());
    if (!removed && control.hasAgentEnded()) {
      removed = true;
      agent.remove(transmitter);
    }
  }

  /**
   * The timing error so far: when a frame had been sent less when it was due, in nanoseconds.
   *
   * @return as of the last {@link #report}; empty at top speed
   */
  public Histogram errors() {
    return errors;
  }

  /**
   * What there is to say about it.
   *
   * @return as of now, the errors as of the last {@link #report}
   */
  public ReplayStatus status() {
    final Map<String, Long> values = counters.values();
    return new ReplayStatus(
        request.name(),
        state(),
        control.isFirstKnown() ? control.firstNs() : 0,
        loader.positionBytes(),
        sizeBytes,
        control.isLinkUp(),
        control.problem(),
        values);
  }

  /**
   * Whether nobody works for it any more.
   *
   * @return true when {@link #close} does not wait
   */
  public boolean isGone() {
    return control.hasAgentEnded() && control.hasLoaderEnded();
  }

  /**
   * Frees what it holds. The agent has let go of it, or has been closed; the loader is waited for.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    control.stop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    agent.remove(transmitter);
    ring.close();
  }
}
