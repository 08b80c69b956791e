package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.benchmarks.Frames;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.PortRanges;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * The rule that decides about a packet, among tuple rules of which each matches equally many of the
 * packets and some match none; an operation is a packet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ClassifyBenchmark {
  private static final int PACKETS = 1_024;
  private static final int FRAME_BYTES = 64;
  private static final int UDP = 17;

  @Param({"1", "10", "100"})
  int rules;

  private final long records = NativeMemory.allocate((PACKETS + 1L) * PacketRecord.SHORT_BYTES, 64);
  private RuleTable table = new RuleTable(List.of(), port -> 0);
  private NativeFrames frames = new NativeFrames(List.of());

  /** Compiles the rules and parses the packets. */
  @Setup
  public void compile() {
    table = new RuleTable(IntStream.range(0, rules).mapToObj(this::rule).toList(), port -> 0);
    // One packet in so many networks that one of them has no rule.
    frames =
        new NativeFrames(
            IntStream.range(0, PACKETS)
                .mapToObj(i -> Frames.udp4((i % (rules + 1)) << 8 | (i & 0xff), FRAME_BYTES))
                .toList());
    final FrameParser parser = new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES]));
    for (int i = 0; i < PACKETS; i++) {
      parser.parse(
          frames.address(i),
          FRAME_BYTES,
          FRAME_BYTES,
          0,
          records + (long) i * PacketRecord.SHORT_BYTES);
    }
  }

  private Rule rule(int i) {
    final Match match =
        new Match(
            null,
            null,
            null,
            IpPrefix.of("10.0." + i + ".0/24"),
            IpPrefix.of("192.168.0.0/16"),
            UDP,
            null,
            PortRanges.of("53"),
            null,
            true);
    return new Rule("rule" + i, 0, match, 100, List.of(RuleTarget.JOURNAL));
  }

  /**
   * Classifies all packets.
   *
   * @return the sum of what was found
   */
  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public int classify() {
    int sum = 0;
    long record = records;
    for (int i = 0; i < PACKETS; i++) {
      sum += table.classify(record, frames.address(i), FRAME_BYTES);
      record += PacketRecord.SHORT_BYTES;
    }
    return sum;
  }
}
