package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.dataplane.analytics.FlowQueries;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The flows that the analytics agent keeps. One walk of them serves all who ask within {@value
 * #FRESH_MS} ms.
 */
final class LiveFlows implements FlowSource {
  private static final int MOST_FLOWS = 1_000;
  private static final long FRESH_MS = 100;

  private final FlowQueries queries;
  private final EpochNanoClock clock;
  private final RuleNames rules;
  private volatile @Nullable Walk byBytes;
  private volatile @Nullable Walk byPackets;

  /** An answer on its way or fresh, for whoever asks meanwhile. */
  private record Walk(long askedNs, CompletableFuture<FlowSnapshot> flows) {}

  LiveFlows(final FlowQueries queries, final EpochNanoClock clock, final RuleNames rules) {
    this.queries = queries;
    this.clock = clock;
    this.rules = rules;
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
            queries
                .top(
                    MOST_FLOWS,
                    packets
                        ? dev.shadowplane.dataplane.analytics.FlowOrder.PACKETS
                        : dev.shadowplane.dataplane.analytics.FlowOrder.BYTES)
                .thenCombine(
                    queries.summary(), (flows, summary) -> snapshot(flows, summary.flows()))
                .exceptionally(LiveFlows::busy));
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
    flows.forEach(flow -> snapshot.addFlows(FlowMessages.message(flow, rules)));
    return snapshot.build();
  }
}
