package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.benchmarks.Frames;
import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.Anonymisation.Macs;
import dev.shadowplane.dataplane.config.Anonymisation.Payload;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.privacy.Anonymiser;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
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
 * A frame copied and made anonymous; an operation is a frame. Of {@code known} frames the addresses
 * are remembered, of {@code fresh} ones each has addresses that were never seen before.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AnonymiseBenchmark {
  private static final int FRAMES = 1_024;
  private static final int IPV4_SOURCE = 26;
  private static final int IPV6_SOURCE = 22;

  @Param({"udp4", "udp6"})
  String traffic = "";

  @Param({"64", "1500"})
  int bytes;

  @Param({"known", "fresh"})
  String addresses = "";

  private final UnsafeBuffer copy = new UnsafeBuffer(ByteBuffer.allocateDirect(2_048));
  private final byte[][] frames = new byte[FRAMES][];
  private final Anonymiser anonymiser =
      new Anonymiser(
          new Anonymisation(
              "benchmark",
              Path.of("none"),
              true,
              Anonymisation.KEEP_MULTICAST,
              Macs.HASH,
              Payload.BLANK),
          new byte[32]);
  private long next;

  /** Makes the frames. */
  @Setup
  public void frames() {
    for (int i = 0; i < FRAMES; i++) {
      frames[i] =
          traffic.equals("udp4") ? Frames.udp4(i, bytes) : Frames.udp6(i, Math.max(80, bytes));
    }
  }

  /**
   * Copies all frames, and makes the copies anonymous.
   *
   * @return bytes kept, so that nothing is found to be useless
   */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public long anonymise() {
    final boolean fresh = addresses.equals("fresh");
    final boolean ipv4 = traffic.equals("udp4");
    long kept = 0;
    for (byte[] frame : frames) {
      copy.putBytes(0, frame);
      if (fresh) {
        final long spread = ++next * 0x9E3779B97F4A7C15L;
        if (ipv4) {
          copy.putLong(IPV4_SOURCE, spread);
        } else {
          copy.putLong(IPV6_SOURCE, spread);
          copy.putLong(IPV6_SOURCE + 16, ~spread);
        }
      }
      kept += anonymiser.apply(copy, 0, frame.length, LinkType.ETHERNET);
    }
    return kept;
  }
}
