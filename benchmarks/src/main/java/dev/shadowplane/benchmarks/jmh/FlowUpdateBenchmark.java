package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.benchmarks.Frames;
import dev.shadowplane.dataplane.analytics.FlowTable;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
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
 * A record into the flow table, flows in random order, none new and none ending; an operation is a
 * record. What the analytics agent gains by prefetching a burst is not in it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FlowUpdateBenchmark {
  private static final int RECORDS = 1_024;
  private static final int SEED = 1;
  private static final int FRAME_BYTES = 64;

  @Param({"1000", "100000", "1000000"})
  int flows;

  private final Arena arena = Arena.ofShared();
  private FlowTable table =
      new FlowTable(new FlowTableConfig(FlowTableConfig.MIN_CAPACITY, 1, 1), (flow, reason) -> {});
  private long records;
  private int[] order = {};
  private int at;
  private long nowNs;

  /** Makes a record of every flow and takes each into the table. */
  @Setup
  public void fill() {
    table.close();
    final long never = TimeUnit.DAYS.toNanos(1_000);
    table = new FlowTable(new FlowTableConfig(flows * 2, never, never), (flow, reason) -> {});
    records = NativeMemory.allocate(arena, (long) flows * PacketRecord.SHORT_BYTES, 64);
    final FrameParser parser = new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES]));
    final long frame = NativeMemory.allocate(arena, FRAME_BYTES, 64);
    final long record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, 64);
    for (int flow = 0; flow < flows; flow++) {
      NativeMemory.copy(Frames.udp4(flow, FRAME_BYTES), frame, FRAME_BYTES);
      parser.parse(frame, FRAME_BYTES, FRAME_BYTES, 0, record);
      NativeMemory.copy(
          record, records + (long) flow * PacketRecord.SHORT_BYTES, PacketRecord.SHORT_BYTES);
      table.update(record, ++nowNs);
    }
    order = new Random(SEED).ints(1 << 20, 0, flows).toArray();
  }

  /** Frees the table and the records. */
  @TearDown
  public void free() {
    table.close();
    arena.close();
  }

  /** Takes records in. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void update() {
    for (int i = 0; i < RECORDS; i++) {
      table.update(records + (long) order[at] * PacketRecord.SHORT_BYTES, ++nowNs);
      at = (at + 1) & (order.length - 1);
    }
  }
}
