package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.config.YamlReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** When frames are sent. */
public sealed interface ReplayTiming {
  /** At the intervals of the source. */
  ReplayTiming ORIGINAL = new Scaled(Scaled.UNIT);

  /** The most packets a second that can be asked for. */
  long MAX_PACKETS_PER_SECOND = 1_000_000_000L;

  /** The most bits a second that can be asked for. */
  long MAX_BITS_PER_SECOND = 1_000_000_000_000L;

  /**
   * At the intervals of the source, divided by a speed.
   *
   * @param speed in units of 1 / 10,000: 100 for a hundredth, 1,000,000 for a hundred times
   */
  record Scaled(int speed) implements ReplayTiming {
    /** The speed of the source. */
    static final int UNIT = 10_000;

    /**
     * Reads a speed.
     *
     * @param text a number from 0.01 to 100 with up to four decimals
     * @return it
     * @throws IllegalArgumentException when it is another
     */
    public static Scaled of(String text) {
      try {
        final int speed = new BigDecimal(text).movePointRight(4).intValueExact();
        if (speed >= UNIT / 100 && speed <= UNIT * 100) {
          return new Scaled(speed);
        }
      } catch (ArithmeticException | NumberFormatException e) {
        throw new IllegalArgumentException(REMEDY, e);
      }
      throw new IllegalArgumentException(REMEDY);
    }

    private static final String REMEDY =
        "give a number from 0.01 to 100 with at most four decimals";

    @Override
    public String toString() {
      return "speed " + BigDecimal.valueOf(speed, 4).stripTrailingZeros().toPlainString();
    }
  }

  /**
   * So many packets a second, evenly.
   *
   * @param packetsPerSecond 1 to {@link #MAX_PACKETS_PER_SECOND}
   */
  record PacketRate(long packetsPerSecond) implements ReplayTiming {
    @Override
    public String toString() {
      return packetsPerSecond + " packets/s";
    }
  }

  /**
   * So many bits a second, evenly, of frames without check sequence.
   *
   * @param bitsPerSecond 1 to {@link #MAX_BITS_PER_SECOND}
   */
  record BitRate(long bitsPerSecond) implements ReplayTiming {
    @Override
    public String toString() {
      return bitsPerSecond + " bits/s";
    }
  }

  /** As fast as the port takes them. */
  record TopSpeed() implements ReplayTiming {
    @Override
    public String toString() {
      return "top speed";
    }
  }

  /** Reads one of the keys {@code speed}, {@code packets-per-second} and so on, if there is one. */
  static ReplayTiming read(YamlReader reader) {
    final List<ReplayTiming> given = new ArrayList<>();
    reader.optional("speed", Scaled::of).ifPresent(given::add);
    reader
        .optional(
            "packets-per-second", text -> YamlReader.wholeNumber(text, 1, MAX_PACKETS_PER_SECOND))
        .ifPresent(rate -> given.add(new PacketRate(rate)));
    reader
        .optional("bits-per-second", text -> YamlReader.wholeNumber(text, 1, MAX_BITS_PER_SECOND))
        .ifPresent(rate -> given.add(new BitRate(rate)));
    if (reader.bool("top-speed", false)) {
      given.add(new TopSpeed());
    }
    if (given.size() > 1) {
      throw reader.refuse(
          "speed", "only one of speed, packets-per-second, bits-per-second and top-speed is meant");
    }
    return given.isEmpty() ? ORIGINAL : given.getFirst();
  }
}
