package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.benchmarks.Frames;
import dev.shadowplane.benchmarks.TupleRules;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.BurstClassifier;
import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.Eal;
import dev.shadowplane.dpdk.EalOptions;
import dev.shadowplane.dpdk.FrameMbuf;
import dev.shadowplane.dpdk.MbufBurst;
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
import org.openjdk.jmh.annotations.TearDown;

/**
 * The rule that decides about each packet of a burst, among tuple rules that most of the packets
 * have one of, compared one by one or by librte_acl; an operation is a packet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init")
public class ClassifyBenchmark {
  private static final int PACKETS = 1_024;
  private static final int BURST = 32;
  private static final int FRAME_BYTES = 64;

  @Param({"1", "2", "3", "4", "6", "8", "16", "1000", "10000"})
  int rules;

  @Param({"acl", "linear"})
  String how = "acl";

  private final long records = NativeMemory.allocate((PACKETS + 1L) * PacketRecord.SHORT_BYTES, 64);
  private RuleTable table;
  private BurstClassifier classifier;
  private MbufBurst burst;

  /** Compiles the rules and parses the packets. */
  @Setup
  public void compile() {
    Eal.start(new EalOptions(false, 512, List.of()));
    table =
        new RuleTable(
            IntStream.range(0, rules).mapToObj(ClassifyBenchmark::rule).toList(),
            port -> 0,
            how.equals("acl") ? 0 : Integer.MAX_VALUE);
    final FlowHash hash = new FlowHash(new byte[FlowHash.KEY_BYTES]);
    classifier = new BurstClassifier(BURST, hash);
    burst = new MbufBurst(BURST);
    final NativeFrames frames =
        new NativeFrames(
            IntStream.range(0, PACKETS)
                .mapToObj(i -> Frames.udp4(TupleRules.flow(i, rules), FRAME_BYTES))
                .toList());
    final FrameParser parser = new FrameParser(hash);
    for (int i = 0; i < PACKETS; i++) {
      parser.parse(
          frames.address(i),
          FRAME_BYTES,
          FRAME_BYTES,
          0,
          records + (long) i * PacketRecord.SHORT_BYTES);
      burst.set(i % BURST, new FrameMbuf().of(frames.address(i), FRAME_BYTES, FRAME_BYTES));
    }
  }

  private static Rule rule(int i) {
    return new Rule(
        "rule" + i,
        0,
        MatchReader.read("rule", TupleRules.match(i)),
        100,
        List.of(RuleTarget.JOURNAL));
  }

  /** Frees what is native. */
  @TearDown
  public void free() {
    table.close();
    Eal.cleanup();
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
    for (int i = 0; i < PACKETS; i += BURST) {
      sum +=
          classifier
              .classify(table, burst, records + (long) i * PacketRecord.SHORT_BYTES, BURST)[0];
    }
    return sum;
  }
}
