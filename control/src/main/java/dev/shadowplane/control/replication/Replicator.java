package dev.shadowplane.control.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one service's state over until it is told to end, and says every second how it stands.
 * Whatever goes wrong is said, and tried again.
 */
public final class Replicator {
  private static final Logger LOG = LoggerFactory.getLogger(Replicator.class);
  private static final int WAIT_MS = 100;
  private static final int RETRY_WAITS = 10;

  private final ReplicationConfig config;
  private final @Nullable ReplicationReport report;
  private final Consumer<ReplicationStatus> told;
  private final Progress progress;

  /**
   * Prepares; nothing is touched yet.
   *
   * @param config what to bring over, checked.
   * @param report the folder for reports, there; null for none.
   * @param told is given the status about every second, on a thread of its own.
   */
  public Replicator(
      final ReplicationConfig config,
      final @Nullable Path report,
      final Consumer<ReplicationStatus> told) {
    this.config = config;
    this.report = report == null ? null : new ReplicationReport(report);
    this.told = told;
    this.progress = new Progress(config, new SystemEpochNanoClock());
  }

  /**
   * Brings everything over once, whatever the mode.
   *
   * @return how it stands after that.
   */
  public ReplicationStatus once() throws IOException, InterruptedException {
    try (Replica replica = open()) {
      replica.step(0, true);
      return progress.status();
    } catch (MVStoreException e) {
      throw new IOException("the manifest cannot be kept: " + e.getMessage(), e);
    }
  }

  /**
   * Follows the source.
   *
   * @param ended is asked several times a second whether to end.
   * @return how it stood in the end.
   */
  public ReplicationStatus run(final BooleanSupplier ended) throws InterruptedException {
    try (ScheduledExecutorService teller =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("replication-status").factory())) {
      final Future<?> _ = teller.scheduleAtFixedRate(this::tell, 0, 1, TimeUnit.SECONDS);
      follow(ended);
      teller.shutdownNow();
    }
    tell();
    return progress.status();
  }

  private void follow(final BooleanSupplier ended) throws InterruptedException {
    Replica replica = null;
    while (!ended.getAsBoolean()) {
      try {
        replica = replica == null ? open() : replica;
        final String barrier = asked();
        if (replica.step(WAIT_MS, barrier != null) && barrier != null) {
          progress.reached(barrier);
          tell();
        }
      } catch (IOException | MVStoreException e) {
        progress.stalled(String.valueOf(e.getMessage()));
        close(replica);
        replica = null;
        for (int i = 0; i < RETRY_WAITS && !ended.getAsBoolean(); i++) {
          Thread.sleep(WAIT_MS);
        }
      }
    }
    close(replica);
  }

  private Replica open() throws IOException {
    return config.hooks() == null
        ? new FileReplica(config, progress)
        : new HookReplica(config, progress, HookReplica.SILENCE_NS);
  }

  /** The barrier that is asked for and was not reached. */
  private @Nullable String asked() {
    final String asked = report == null ? null : report.asked();
    return asked == null || asked.equals(progress.barrier()) ? null : asked;
  }

  private synchronized void tell() {
    final ReplicationStatus status = progress.status();
    told.accept(status);
    if (report != null) {
      try {
        report.write(status);
      } catch (IOException e) {
        LOG.warn("the report of {} cannot be written: {}", config.service(), e.toString());
      }
    }
  }

  private static void close(final @Nullable Replica replica) {
    try {
      if (replica != null) {
        replica.close();
      }
    } catch (IOException | MVStoreException e) {
      LOG.warn("a replica did not end well and compares more when it begins: {}", e.getMessage());
    }
  }
}
