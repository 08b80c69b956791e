package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Tells a collector of flows at its own pace: waits for it, and ends with an error rather than
 * leave any out.
 */
public final class IpfixSender implements IpfixOutput {
  /** A collector reads that many datagrams a second without losing any in a usual buffer. */
  public static final int DATAGRAMS_PER_SECOND = 2_000;

  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);
  private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(50);

  private final IpfixExporter exporter;

  /**
   * Does not connect yet.
   *
   * @param config the collector
   */
  public IpfixSender(IpfixConfig config) {
    exporter =
        new IpfixExporter(
            config,
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE,
            config.transport() == IpfixConfig.Transport.UDP ? DATAGRAMS_PER_SECOND : 0,
            _ -> {});
  }

  @Override
  public void write(Flow flow) {
    await(false);
    exporter.take(flow);
    requireNoneMissed();
  }

  @Override
  public void finish() {
    await(false);
    exporter.flush();
    await(true);
    // Once more, for what the kernel has heard about the last datagram.
    exporter.advance();
    requireNoneMissed();
  }

  private void await(boolean idle) {
    final long beganNs = System.nanoTime();
    while (true) {
      final int work = exporter.advance();
      requireNoneMissed();
      if (idle ? exporter.isIdle() : exporter.isReady()) {
        return;
      }
      if (work == 0) {
        if (System.nanoTime() - beganNs >= PATIENCE_NS) {
          throw failure("it takes nothing");
        }
        if (Thread.currentThread().isInterrupted()) {
          throw failure("interrupted");
        }
        LockSupport.parkNanos(PAUSE_NS);
      }
    }
  }

  private void requireNoneMissed() {
    if (exporter.counter(IpfixCounter.MISSED_REFUSED) > 0
        || exporter.counter(IpfixCounter.MISSED_CONNECTION_LOST) > 0
        || exporter.counter(IpfixCounter.SESSIONS) > 1) {
      throw failure("the connection is lost");
    }
  }

  private IpfixException failure(String otherwise) {
    final String failure = exporter.failure();
    return new IpfixException(
        exporter.config().target()
            + ": "
            + (failure == null ? otherwise : failure)
            + "; "
            + records()
            + " records were sent: see that a collector listens there");
  }

  @Override
  public long records() {
    return exporter.counter(IpfixCounter.RECORDS);
  }

  @Override
  public long messages() {
    return exporter.counter(IpfixCounter.MESSAGES);
  }

  @Override
  public void close() {
    exporter.close();
  }
}
