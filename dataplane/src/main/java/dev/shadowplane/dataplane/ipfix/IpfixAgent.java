package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.FlowSubscription;
import java.util.function.ObjLongConsumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a collector of live flows as they end. While the collector is away or slow, flows wait in
 * the subscription, as many as it has room for; the others are missed and counted.
 */
public final class IpfixAgent implements Agent {
  /** Flows that a subscription for an exporter should have room for. */
  public static final int QUEUE_CAPACITY = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(IpfixAgent.class);
  private static final int FLOWS_PER_CYCLE = 256;
  private static final long CLOSING_NS = 1_000_000_000L;

  private final IpfixExporter exporter;
  private final FlowSubscription flows;
  private final NanoClock nanoClock;

  /**
   * Does not connect yet.
   *
   * @param config the collector
   * @param flows what it is told of: flows that end; closed with this agent
   */
  public IpfixAgent(IpfixConfig config, FlowSubscription flows) {
    this(config, flows, SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
  }

  IpfixAgent(
      IpfixConfig config, FlowSubscription flows, EpochClock epochClock, NanoClock nanoClock) {
    this.flows = flows;
    this.nanoClock = nanoClock;
    exporter = new IpfixExporter(config, epochClock, nanoClock, 0, LOG::info);
  }

  @Override
  public int doWork() {
    int work = exporter.advance();
    for (int i = 0; i < FLOWS_PER_CYCLE && exporter.isReady(); i++) {
      final Flow flow = flows.poll();
      if (flow == null) {
        break;
      }
      exporter.take(flow);
      work++;
    }
    return work;
  }

  @Override
  public String roleName() {
    return "ipfix " + exporter.config().target();
  }

  /** Sends what waits, for a second at most. */
  @Override
  public void onClose() {
    flows.close();
    final long beganNs = nanoClock.nanoTime();
    while (exporter.counter(IpfixCounter.CONNECTED) == 1
        && nanoClock.nanoTime() - beganNs < CLOSING_NS) {
      if (doWork() == 0) {
        if (exporter.isIdle()) {
          break;
        }
        exporter.flush();
        Thread.onSpinWait();
      }
    }
    exporter.close();
    while (flows.poll() != null) {
      exporter.count(IpfixCounter.MISSED_CLOSED, 1);
    }
  }

  /**
   * What it has done.
   *
   * @param to takes each value under a name such as {@code ipfix.udp://127.0.0.1:4739.records}; on
   *     any thread
   */
  public void gauges(ObjLongConsumer<String> to) {
    final String prefix = "ipfix." + exporter.config().target() + ".";
    for (IpfixCounter counter : IpfixCounter.values()) {
      to.accept(
          prefix + counter.text(),
          counter == IpfixCounter.MISSED_QUEUE_FULL ? flows.missed() : exporter.counter(counter));
    }
  }
}
