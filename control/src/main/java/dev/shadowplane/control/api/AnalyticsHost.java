package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.FlowDirection;
import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.OffsetEpochNanoClock;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The analytics agent and what joins it to the rest of control: the record rings of each
 * attachment, handed over between its duty cycles, and the questions of the service. One walk of
 * the flows serves all who ask within {@value #FRESH_MS} ms.
 */
final class AnalyticsHost implements Agent, RecordRings<OneToOneRingBuffer>, FlowSource {
  private static final int MOST_FLOWS = 1_000;
  private static final long FRESH_MS = 100;
  private static final OneToOneRingBuffer[] NONE = {};

  private final EpochNanoClock clock = new OffsetEpochNanoClock();
  private final AnalyticsAgent agent =
      new AnalyticsAgent(
          FlowTableConfig.DEFAULT, (flow, reason) -> {}, AnalyticsCounters.NONE, clock);

  private volatile OneToOneRingBuffer[] wanted = NONE;
  private volatile long requested;
  private volatile long applied;
  private volatile boolean closed;
  private volatile @Nullable Walk byBytes;
  private volatile @Nullable Walk byPackets;

  /** An answer on its way or fresh, for whoever asks meanwhile. */
  private record Walk(long askedNs, CompletableFuture<FlowSnapshot> flows) {}

  @Override
  public int doWork() {
    // The number first: if the rings change right after, the number differs again and they are
    // taken next time.
    final long number = requested;
    if (number != applied) {
      agent.rings(wanted);
      applied = number;
    }
    return agent.doWork();
  }

  @Override
  public String roleName() {
    return agent.roleName();
  }

  @Override
  public void onClose() {
    agent.onClose();
    closed = true;
  }

  @Override
  public void attached(final long controlEpoch, final List<OneToOneRingBuffer> ringsByWorker) {
    want(ringsByWorker.toArray(OneToOneRingBuffer[]::new));
  }

  @Override
  public void detach() {
    want(NONE);
  }

  @Override
  public boolean released() {
    return closed || applied == requested;
  }

  /** On the attachment's thread alone. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void want(final OneToOneRingBuffer[] rings) {
    wanted = rings;
    requested++;
  }

  @Override
  public CompletableFuture<FlowSnapshot> top(final int limit, final FlowOrder order) {
    return walk(order).thenApply(all -> first(limit, all));
  }

  private CompletableFuture<FlowSnapshot> walk(final FlowOrder order) {
    final boolean packets = order == FlowOrder.FLOW_ORDER_PACKETS;
    final long nowNs = System.nanoTime();
    final Walk last = packets ? byPackets : byBytes;
    if (last != null
        && (!last.flows.isDone() || nowNs - last.askedNs < TimeUnit.MILLISECONDS.toNanos(FRESH_MS))
        && !last.flows.isCompletedExceptionally()) {
      return last.flows;
    }
    final Walk next =
        new Walk(
            nowNs,
            agent
                .queries()
                .top(
                    MOST_FLOWS,
                    packets
                        ? dev.shadowplane.dataplane.analytics.FlowOrder.PACKETS
                        : dev.shadowplane.dataplane.analytics.FlowOrder.BYTES)
                .thenCombine(
                    agent.queries().summary(), (flows, summary) -> snapshot(flows, summary.flows()))
                .exceptionally(AnalyticsHost::busy));
    if (packets) {
      byPackets = next;
    } else {
      byBytes = next;
    }
    return next.flows;
  }

  private static FlowSnapshot busy(final Throwable thrown) {
    throw Status.RESOURCE_EXHAUSTED
        .withDescription("the flows cannot be read now: " + thrown.getMessage())
        .asRuntimeException();
  }

  private static FlowSnapshot first(final int limit, final FlowSnapshot all) {
    return all.getFlowsCount() <= limit
        ? all
        : all.toBuilder().clearFlows().addAllFlows(all.getFlowsList().subList(0, limit)).build();
  }

  private FlowSnapshot snapshot(
      final List<dev.shadowplane.dataplane.analytics.Flow> flows, final int active) {
    final FlowSnapshot.Builder snapshot =
        FlowSnapshot.newBuilder().setTimeNs(clock.nanoTime()).setActiveFlows(active);
    flows.forEach(flow -> snapshot.addFlows(message(flow)));
    return snapshot.build();
  }

  private static Flow message(final dev.shadowplane.dataplane.analytics.Flow flow) {
    final Flow.Builder message =
        Flow.newBuilder()
            .setSrcIp(flow.srcIp())
            .setSrcPort(flow.srcPort())
            .setDstIp(flow.dstIp())
            .setDstPort(flow.dstPort())
            .setProtocol(flow.protocol())
            .setFirstSeenNs(flow.firstSeenNs())
            .setLastSeenNs(flow.lastSeenNs())
            .setSrcToDst(direction(flow.srcToDst()))
            .setDstToSrc(direction(flow.dstToSrc()));
    if (flow.vlan() != dev.shadowplane.dataplane.analytics.Flow.NO_VLAN) {
      message.setVlan(flow.vlan());
    }
    return message.build();
  }

  private static FlowDirection direction(
      final dev.shadowplane.dataplane.analytics.Flow.Direction direction) {
    return FlowDirection.newBuilder()
        .setPackets(direction.packets())
        .setBytes(direction.bytes())
        .setIpBytes(direction.ipBytes())
        .setTcpFlags(direction.tcpFlags())
        .setFirstSeenNs(direction.firstSeenNs())
        .setLastSeenNs(direction.lastSeenNs())
        .build();
  }
}
