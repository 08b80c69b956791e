package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.replay.EthernetSource;
import dev.shadowplane.dataplane.replay.FrameSource;
import dev.shadowplane.dataplane.session.NamedService;
import dev.shadowplane.dataplane.session.SessionLimits;
import dev.shadowplane.dataplane.session.SessionReassembly;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Reads frames, puts the sessions of services together and drives them. Reading never runs ahead of
 * what is due by more than a second, and pauses while too much waits to be driven.
 */
public final class Feed {
  private static final long AHEAD_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long IDLE_NS = TimeUnit.MICROSECONDS.toNanos(500);
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long TICK_NS = TimeUnit.SECONDS.toNanos(1);

  private final FeedCounts counts = new FeedCounts();
  private final Drive drive;
  private final SessionReassembly reassembly;
  private final BooleanSupplier cancelled;
  private final Ticker ticker;
  private long nextTickNs = System.nanoTime();

  /** Is called about once a second, on the thread that reads. */
  @FunctionalInterface
  public interface Ticker {
    /**
     * Once a second.
     *
     * @throws IOException to end the feed.
     */
    void tick() throws IOException;
  }

  /**
   * Prepares a feed.
   *
   * @param services whose sessions are driven.
   * @param options how.
   * @param live whether the frames are of the present.
   * @param listener is told what comes of it.
   * @param cancelled whether to end early.
   * @param ticker is called about once a second and at the end.
   */
  public Feed(
      final List<NamedService> services,
      final FeedOptions options,
      final boolean live,
      final DriveListener listener,
      final BooleanSupplier cancelled,
      final Ticker ticker) {
    this.drive = new Drive(options, live, counts, listener);
    this.reassembly = new SessionReassembly(services, SessionLimits.DEFAULT, drive);
    this.cancelled = cancelled;
    this.ticker = ticker;
  }

  /**
   * Goes on where an earlier feed of the same report ended; before {@link #run}.
   *
   * @param latestNs when the latest session began that it drove; those up to then are not driven.
   * @param lost how many it was driving when it ended.
   */
  public void resume(final long latestNs, final long lost) {
    drive.resume(latestNs);
    counts.lost(lost);
  }

  /** Counts a damaged place of the source. */
  public void damaged() {
    counts.damage();
  }

  /** Counts a difference that could not be reported. */
  public void unreported() {
    counts.unreported();
  }

  /** When the frame read last was captured, nanoseconds since the epoch; 0 before the first. */
  public long positionNs() {
    return counts.lastFrameNs();
  }

  /**
   * What has been counted, a tree of maps and numbers.
   *
   * @return in a fixed order; {@code behind_ms} is the longest delay since the last call.
   */
  public Map<String, Object> counts() {
    return counts.tree(drive.active(), reassembly.counts());
  }

  /**
   * Drives to the end of the source, or until cancelled; then breaks off what is left.
   *
   * @param frames any source; the caller closes it.
   * @throws IOException when it cannot be read, or the ticker throws.
   * @throws InterruptedException when the thread is interrupted.
   */
  public void run(final FrameSource frames) throws IOException, InterruptedException {
    final EthernetSource source = new EthernetSource(frames);
    try {
      while (!cancelled.getAsBoolean()) {
        if (source.next()) {
          take(source);
        } else if (source.isGrowing()) {
          LockSupport.parkNanos(IDLE_NS);
          tick();
        } else {
          reassembly.end();
          awaitEnd();
          return;
        }
      }
    } finally {
      drive.interrupt();
      ticker.tick();
    }
  }

  private void take(final FrameSource source) throws IOException {
    boolean paused = false;
    while (!cancelled.getAsBoolean()
        && (drive.backlog().isFull()
            || drive.timeline().dueNs(source.timestampNs()) - System.nanoTime() > AHEAD_NS)) {
      if (!paused && drive.backlog().isFull()) {
        paused = true;
        counts.pause();
      }
      LockSupport.parkNanos(PAUSE_NS);
      tick();
    }
    counts.frame(source.timestampNs());
    reassembly.accept(source);
    tick();
  }

  private void awaitEnd() throws IOException {
    while (drive.active() > 0 && !cancelled.getAsBoolean()) {
      LockSupport.parkNanos(PAUSE_NS);
      tick();
    }
  }

  private void tick() throws IOException {
    final long nowNs = System.nanoTime();
    if (nowNs - nextTickNs >= 0) {
      nextTickNs = nowNs + TICK_NS;
      drive.look();
      ticker.tick();
    }
  }
}
