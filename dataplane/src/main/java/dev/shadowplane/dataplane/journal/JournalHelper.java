package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * Does beside the journal agent what would stall it: reserves space and populates pages ahead of
 * the writer, deletes what is not kept, and looks whether the files are still there. On a thread of
 * its own; without it the journal works all the same, with longer pauses, and keeps everything.
 */
public final class JournalHelper implements Agent {
  private static final long LOOK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long RETENTION_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  private final JournalWriter writer;
  private final int queues;
  private final JournalRetention retention;
  private final JournalHelperListener listener;
  private final EpochClock epochClock;
  private final NanoClock nanoClock;
  private boolean failed;
  private long nextLookNs;
  private long nextRetentionNs;

  /**
   * Makes the helper of a writer.
   *
   * @param writer stays the journal agent's
   * @param listener is told what was deleted
   * @param epochClock tells the age of files
   * @param nanoClock monotonic
   */
  public JournalHelper(
      JournalWriter writer,
      JournalHelperListener listener,
      EpochClock epochClock,
      NanoClock nanoClock) {
    this.writer = writer;
    this.listener = listener;
    this.epochClock = epochClock;
    this.nanoClock = nanoClock;
    JournalOptions options = writer.options();
    queues = options.queues();
    retention =
        new JournalRetention(options.folder(), options.retention(), options.queues(), listener);
    nextLookNs = nanoClock.nanoTime();
    nextRetentionNs = nextLookNs;
  }

  /** Runs the self-test, which the journal agent does not wait for. */
  @Override
  public void onStart() {
    try {
      listener.selfTested(JournalSelfTest.run(writer.options().folder()));
    } catch (IOException e) {
      listener.failed("no journal self-test: " + e.getMessage());
    }
  }

  @Override
  public int doWork() {
    long nowNs = nanoClock.nanoTime();
    boolean look = nowNs - nextLookNs >= 0;
    int work = 0;
    for (int queue = 0; queue < queues; queue++) {
      JournalAhead ahead = writer.ahead(queue);
      if (ahead == null) {
        continue;
      }
      String fault = look ? ahead.fault() : null;
      if (fault == null) {
        work += ahead.advance(nowNs);
      } else {
        writer.fault(ahead, fault);
      }
    }
    if (look) {
      nextLookNs = nowNs + LOOK_INTERVAL_NS;
    }
    if (nowNs - nextRetentionNs >= 0) {
      nextRetentionNs = nowNs + RETENTION_INTERVAL_NS;
      retain();
    }
    return work;
  }

  private void retain() {
    try {
      retention.apply(epochClock.time());
      failed = false;
    } catch (IOException e) {
      // A folder that is gone is the writer's to tell.
      if (!failed && writer.ahead(0) != null) {
        failed = true;
        listener.failed("journal files cannot be deleted, tried again: " + e);
      }
    }
  }

  @Override
  public String roleName() {
    return "journal-helper";
  }
}
