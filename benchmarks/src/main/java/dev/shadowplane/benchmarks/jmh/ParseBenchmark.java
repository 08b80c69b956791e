package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.benchmarks.Frames;
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

/** Headers into a record, flow hash included; an operation is a frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParseBenchmark {
  private static final int FRAMES = 1_024;

  @Param({"udp4", "tcp4", "udp6", "vlan", "malformed", "mixed"})
  String traffic = "";

  private final FrameParser parser = new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES]));
  private final long record = NativeMemory.allocate(PacketRecord.LONG_BYTES, 64);
  private NativeFrames frames = new NativeFrames(List.of());

  /** Makes the frames. */
  @Setup
  public void frames() {
    frames = new NativeFrames(IntStream.range(0, FRAMES).mapToObj(i -> frame(traffic, i)).toList());
  }

  private static byte[] frame(String traffic, int i) {
    return switch (traffic) {
      case "udp4" -> Frames.udp4(i, 64);
      case "tcp4" -> Frames.tcp4(i, 64);
      case "udp6" -> Frames.udp6(i, 80);
      case "vlan" -> Frames.tagged(Frames.udp4(i, 64), 100);
      case "malformed" -> Frames.malformed(i);
      case "mixed" -> mixed(i);
      default -> throw new IllegalArgumentException("no traffic called " + traffic);
    };
  }

  /** Of sixteen frames on average, two are IPv6, two tagged, one malformed, and eleven plain. */
  private static byte[] mixed(int i) {
    // Multiplied by an odd number, so that the kinds come in no order a processor learns at once.
    return switch ((i * 0x9E3779B1) >>> 28) {
      case 0, 1 -> frame("udp6", i);
      case 2, 3 -> frame("vlan", i);
      case 4 -> frame("malformed", i);
      default -> frame((i & 1) == 0 ? "udp4" : "tcp4", i);
    };
  }

  /**
   * Parses all frames.
   *
   * @return every flag seen, so that nothing is found to be useless
   */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public int parse() {
    int flags = 0;
    for (int i = 0; i < frames.count(); i++) {
      final int length = frames.length(i);
      flags |= parser.parse(frames.address(i), length, length, 0, record);
    }
    return flags;
  }
}
