package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.benchmarks.Frames;
import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.FlowChangeSink;
import dev.shadowplane.dataplane.analytics.FlowTable;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.analytics.aggregate.Aggregates;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A flow that begins and ends in a small table, with and without sums: the difference is what a
 * change costs them. A million changes are told in a second of the table's time. With few hosts all
 * sums are exact; with many nearly every host goes to the sketches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AggregateBenchmark {
  private static final int FLOWS = 1_024;
  private static final int SEED = 1;
  private static final int FRAME_BYTES = 64;
  private static final int SOURCE_AT = PacketRecord.SOURCE_ADDRESS;
  private static final long STEP_NS = FLOWS * 1_000L;

  /** Whether sums are kept. */
  @Param({"false", "true"})
  boolean sums;

  /** How many hosts begin flows. */
  @Param({"1000", "1000000"})
  int hosts;

  private final Arena arena = Arena.ofShared();
  private FlowChangeSink changes = FlowChangeSink.NONE;
  private FlowTable table = new FlowTable(config(), (flow, reason) -> {});
  private long record;
  private int[] order = {};
  private int at;
  private long nowNs = TimeUnit.DAYS.toNanos(10);

  /** Makes the table and a record. */
  @Setup
  public void fill() {
    table.close();
    changes = sums ? new Aggregates(List.of()) : FlowChangeSink.NONE;
    table = new FlowTable(config(), (flow, reason) -> {}, changes);
    final long frame = NativeMemory.allocate(arena, FRAME_BYTES, 64);
    record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, 64);
    NativeMemory.copy(Frames.udp4(1, FRAME_BYTES), frame, FRAME_BYTES);
    new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES]))
        .parse(frame, FRAME_BYTES, FRAME_BYTES, 0, record);
    order = new Random(SEED).ints(1 << 20, 0, hosts).toArray();
  }

  /** Frees the table and the record. */
  @TearDown
  public void free() {
    table.close();
    arena.close();
  }

  /** Begins and ends flows. */
  @Benchmark
  @OperationsPerInvocation(FLOWS)
  public void change() {
    for (int i = 0; i < FLOWS; i++) {
      NativeMemory.putInt(record + SOURCE_AT, order[at]);
      table.update(record, nowNs);
      at = (at + 1) & (order.length - 1);
    }
    table.endAll(EndReason.END_OF_INPUT);
    nowNs += STEP_NS;
    changes.advance(nowNs);
  }

  private static FlowTableConfig config() {
    final long never = TimeUnit.DAYS.toNanos(1_000);
    return new FlowTableConfig(2 * FLOWS, never, never);
  }
}
