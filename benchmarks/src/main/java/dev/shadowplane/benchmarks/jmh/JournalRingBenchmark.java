package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.benchmarks.Frames;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.MessageHandler;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A frame copied into a worker's ring to the journal agent and passed over on the other end by the
 * same thread, a burst at a time; an operation is a frame.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JournalRingBenchmark {
  private static final int BURST = 32;
  private static final int RING_BYTES = 1 << 20;

  @Param({"64", "1514"})
  int frameBytes;

  private final JournalRing ring = JournalRing.allocate(RING_BYTES);
  private final MessageHandler passOver = (type, buffer, index, length) -> {};
  private final int source = JournalRing.source(0, 1, 0);
  private long frame;
  private long nowNs;

  /** Makes the frame. */
  @Setup
  public void frame() {
    frame = NativeMemory.allocate(frameBytes, 64);
    NativeMemory.copy(Frames.udp4(0, frameBytes), frame, frameBytes);
  }

  /**
   * Writes a burst and drains it.
   *
   * @return how many were drained
   */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int writeAndPassOver() {
    nowNs++;
    for (int i = 0; i < BURST; i++) {
      if (!ring.tryWrite(nowNs, 0, frameBytes, source, i, frame, frameBytes)) {
        throw new IllegalStateException("the ring is full: it was not drained");
      }
    }
    return ring.ring().read(passOver);
  }
}
