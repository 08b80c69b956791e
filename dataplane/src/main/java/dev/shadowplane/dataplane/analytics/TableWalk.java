package dev.shadowplane.dataplane.analytics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A question about the table that is answered in slices. */
abstract class TableWalk<T> implements FlowQuery, FlowVisitor, Supplier<T> {
  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private int slot;

  final CompletableFuture<T> answer() {
    return answer;
  }

  /** Whether nobody needs more of it. */
  boolean isEnough() {
    return answer.isDone();
  }

  @Override
  public final boolean advance(FlowTable table, RecordIntake intake, int maxSlots) {
    if (!isEnough()) {
      slot = table.visit(slot, maxSlots, this);
      if (slot >= 0 && !isEnough()) {
        return false;
      }
    }
    // On another thread, so that whatever the asker chained to it does not run on this one.
    answer.completeAsync(this);
    return true;
  }

  @Override
  public final void fail(RuntimeException reason) {
    answer.completeExceptionally(reason);
  }

  /** The largest flows. */
  static final class Top extends TableWalk<List<Flow>> {
    private record Ranked(long value, Flow flow) {}

    private static final Comparator<Ranked> BY_VALUE = Comparator.comparingLong(Ranked::value);

    private final int count;
    private final FlowOrder order;
    private final PriorityQueue<Ranked> smallestFirst = new PriorityQueue<>(BY_VALUE);

    Top(int count, FlowOrder order) {
      this.count = count;
      this.order = order;
    }

    @Override
    public void visit(FlowView flow) {
      final long value = order.valueOf(flow);
      final Ranked smallest = smallestFirst.peek();
      if (smallest == null || smallestFirst.size() < count) {
        smallestFirst.add(new Ranked(value, flow.flow(EndReason.ONGOING)));
      } else if (value > smallest.value) {
        smallestFirst.poll();
        smallestFirst.add(new Ranked(value, flow.flow(EndReason.ONGOING)));
      }
    }

    @Override
    public List<Flow> get() {
      return smallestFirst.stream().sorted(BY_VALUE.reversed()).map(Ranked::flow).toList();
    }
  }

  /** Flows as they come, up to a limit. */
  static final class Listing extends TableWalk<List<Flow>> {
    private final int limit;
    private final List<Flow> flows = new ArrayList<>();

    Listing(int limit) {
      this.limit = limit;
    }

    @Override
    boolean isEnough() {
      return flows.size() >= limit || super.isEnough();
    }

    @Override
    public void visit(FlowView flow) {
      if (flows.size() < limit) {
        flows.add(flow.flow(EndReason.ONGOING));
      }
    }

    @Override
    public List<Flow> get() {
      return List.copyOf(flows);
    }
  }
}
