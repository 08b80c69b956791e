package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.config.Limits;
import org.jspecify.annotations.Nullable;

/** Applies the {@link Limits} of one rule, for one worker, whose thread alone uses it. */
public final class Sampler {
  /** What a rate allows at once after a silence. */
  private static final double BURST_NS = 100e6;

  private static final double SECOND_NS = 1e9;

  private final Limits limits;
  private final int rule;
  private final @Nullable FlowStarts starts;
  private final long beginNs = System.nanoTime();
  private final double nsPerPacket;
  private final double nsPerBit;
  private int untilNext;
  private double packetsDueNs;
  private double bitsDueNs;

  /**
   * A sampler to which nothing has come yet.
   *
   * @param limits of the rule
   * @param rule its identifier, above 0
   * @param starts of the worker, which several rules share; needed by limits that count flows
   * @param workers that have an equal share of the rates
   */
  public Sampler(Limits limits, int rule, @Nullable FlowStarts starts, int workers) {
    this.limits = limits;
    this.rule = rule;
    this.starts = limits.countsFlows() ? starts : null;
    this.nsPerPacket = perUnit(limits.packetsPerSecond(), workers);
    this.nsPerBit = perUnit(limits.bitsPerSecond(), workers);
  }

  private static double perUnit(long perSecond, int workers) {
    return perSecond == 0 ? 0 : SECOND_NS * workers / (double) perSecond;
  }

  /**
   * What it applies.
   *
   * @return as given
   */
  public Limits limits() {
    return limits;
  }

  /**
   * Whether a packet is one of those that the rule takes.
   *
   * @param flowHash of its flow
   * @param bytes of its frame
   * @param nowNs monotonic
   * @return false when it is filtered
   */
  public boolean takes(int flowHash, int bytes, long nowNs) {
    if (starts != null
        && !starts.isBeginning(
            rule, flowHash, bytes, nowNs, limits.firstPackets(), limits.firstBytes())) {
      return false;
    }
    if (untilNext > 0) {
      untilNext--;
      return false;
    }
    untilNext = limits.every() - 1;
    return true;
  }

  /**
   * Whether the rates leave room for a packet that was taken. The virtual scheduling algorithm of
   * ITU-T I.371: a packet is due when those before it have had their time.
   *
   * @param bytes of its frame
   * @param nowNs monotonic
   * @return false when it has to be shed
   */
  public boolean admits(int bytes, long nowNs) {
    // Since the beginning: fractions of a nanosecond count at high rates.
    final double elapsedNs = (double) (nowNs - beginNs);
    final double packets = Math.max(packetsDueNs, elapsedNs);
    final double bits = Math.max(bitsDueNs, elapsedNs);
    if (packets - elapsedNs > BURST_NS || bits - elapsedNs > BURST_NS) {
      return false;
    }
    packetsDueNs = packets + nsPerPacket;
    bitsDueNs = bits + bytes * (double) Byte.SIZE * nsPerBit;
    return true;
  }
}
