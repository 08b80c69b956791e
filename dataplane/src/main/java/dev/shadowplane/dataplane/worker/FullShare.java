package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.config.RecordsConfig.Profile;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Which flows have full records: of the adaptive profile all until the ring is half full, then one
 * in {@value #FEW}, chosen by the flow hash and therefore always the same ones, both directions of
 * each. After {@link RecordFeed#holdNs}, and as often again, it looks whether no more than a
 * quarter is left, and then takes all again: of a flow whose records change often statistics tell
 * little. One thread.
 */
final class FullShare {
  /** What is published when every flow has full records. */
  static final long ALL_PPM = 1_000_000;

  /** One in so many flows has full records while analytics is behind. */
  static final int FEW = 16;

  /** Bits of the hash that neither the flow table's index nor samplers begin with. */
  private static final int FEW_MASK = (FEW - 1) << 12;

  private static final int NO_MASK = 0;
  private static final int NEVER = 1;

  private final AtomicCounter publishedPpm;
  private int mask;
  private int pattern;
  private long sharePpm = -1;
  private long lookedAtNs;

  /** Publishes the share of flows that have full records through a counter, in millionths. */
  FullShare(AtomicCounter publishedPpm) {
    this.publishedPpm = publishedPpm;
    set(NO_MASK, NEVER, 0);
  }

  /**
   * Decides for a burst.
   *
   * @param feed where its records go
   * @param nowNs of {@link System#nanoTime}
   */
  void decide(RecordFeed feed, long nowNs) {
    final Profile profile = feed.config().profile();
    if (profile == Profile.ADAPTIVE) {
      adapt(feed, nowNs);
    } else if (profile == Profile.FULL) {
      set(NO_MASK, 0, ALL_PPM);
    } else {
      set(NO_MASK, NEVER, 0);
    }
  }

  private void adapt(RecordFeed feed, long nowNs) {
    final RecordRing ring = feed.ring();
    if (mask == NO_MASK) {
      if (ring.isFullerThan(ring.capacity() / 2)) {
        lookedAtNs = nowNs;
        set(FEW_MASK, 0, ALL_PPM / FEW);
      } else {
        set(NO_MASK, 0, ALL_PPM);
      }
    } else if (nowNs - lookedAtNs >= feed.holdNs()) {
      lookedAtNs = nowNs;
      if (!ring.isFullerThan(ring.capacity() / 4)) {
        set(NO_MASK, 0, ALL_PPM);
      }
    }
  }

  private void set(int nextMask, int nextPattern, long nextPpm) {
    mask = nextMask;
    pattern = nextPattern;
    if (sharePpm != nextPpm) {
      sharePpm = nextPpm;
      publishedPpm.setRelease(nextPpm);
    }
  }

  /** Whether every record is full. */
  boolean isAll() {
    return sharePpm == ALL_PPM;
  }

  /** Whether some are full and some are lean. */
  boolean isSome() {
    return mask != NO_MASK;
  }

  /** Whether the records of a flow are full. */
  boolean takes(int flowHash) {
    return (flowHash & mask) == pattern;
  }
}
