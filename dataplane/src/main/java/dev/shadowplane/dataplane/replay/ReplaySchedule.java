package dev.shadowplane.dataplane.replay;

/**
 * Turns times of frames into times to send them, relative to the beginning of a replay. Every time
 * is worked out from the beginning in whole numbers, so that nothing adds up over any length. One
 * thread.
 *
 * <p>Frames come in the order of time; a time before the last one stands for that one.
 */
final class ReplaySchedule {
  /** Beyond any time that comes: about 73 years. */
  static final long NEVER = Long.MAX_VALUE / 4;

  private static final long SECOND_NS = 1_000_000_000;
  private static final int UNIT = ReplayTiming.Scaled.UNIT;

  private final ReplayTiming timing;
  private final long maxGapNs;
  private boolean between;
  private long lastNs;

  /** Time on the clock of the source since the beginning, loops added up. */
  private long elapsedNs;

  private long loopBeganNs;
  private long framesOfLoop;
  private long frames;

  /** Of a rate in bits: when the next frame is due, and the rest of that division. */
  private long bitsDueNs;

  private long bitsRest;

  ReplaySchedule(ReplayTiming timing, long maxGapNs) {
    this.timing = timing;
    this.maxGapNs = maxGapNs;
    restart();
  }

  /** Begins anew: the next frame is due at 0. */
  void restart() {
    between = true;
    elapsedNs = 0;
    loopBeganNs = 0;
    framesOfLoop = 0;
    frames = 0;
    bitsDueNs = 0;
    bitsRest = 0;
  }

  /** The next frame is the first again: due one mean interval after the last. */
  void loop() {
    if (framesOfLoop > 1) {
      elapsedNs = sum(elapsedNs, (elapsedNs - loopBeganNs) / (framesOfLoop - 1));
    }
    loopBeganNs = elapsedNs;
    framesOfLoop = 0;
    between = true;
  }

  /**
   * When the next frame is due.
   *
   * @param timestampNs its time
   * @param lengthBytes its length
   * @return nanoseconds since the beginning, at most {@link #NEVER}; 0 at top speed
   */
  long due(long timestampNs, int lengthBytes) {
    if (between) {
      between = false;
      lastNs = timestampNs;
    } else if (timestampNs > lastNs) {
      final long gap = timestampNs - lastNs;
      // A difference that overflows is an absurd one too.
      elapsedNs = sum(elapsedNs, Math.min(gap < 0 ? NEVER : gap, maxGapNs));
      lastNs = timestampNs;
    }
    framesOfLoop++;
    return switch (timing) {
      case ReplayTiming.Scaled scaled -> divide(elapsedNs, scaled.speed());
      case ReplayTiming.PacketRate rate -> packets(rate.packetsPerSecond());
      case ReplayTiming.BitRate rate -> bits(rate.bitsPerSecond(), lengthBytes);
      case ReplayTiming.TopSpeed _ -> 0;
    };
  }

  /** Time on the clock of the source since the beginning, of the frame that was asked for last. */
  long elapsedNs() {
    return elapsedNs;
  }

  private static long sum(long a, long b) {
    return Math.min(NEVER, a + Math.min(b, NEVER));
  }

  private static long divide(long ns, int speed) {
    final long whole = ns / speed;
    return whole > NEVER / UNIT ? NEVER : Math.min(NEVER, whole * UNIT + ns % speed * UNIT / speed);
  }

  private long packets(long perSecond) {
    final long index = frames++;
    final long seconds = index / perSecond;
    return seconds > NEVER / SECOND_NS - 1
        ? NEVER
        : seconds * SECOND_NS + index % perSecond * SECOND_NS / perSecond;
  }

  private long bits(long perSecond, int lengthBytes) {
    final long due = bitsDueNs;
    final long share = (long) lengthBytes * Byte.SIZE * SECOND_NS + bitsRest;
    bitsDueNs = sum(due, share / perSecond);
    bitsRest = share % perSecond;
    return due;
  }
}
