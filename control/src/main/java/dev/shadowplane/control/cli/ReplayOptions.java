package dev.shadowplane.control.cli;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** How something is replayed, as options: one for each key of a request to the data plane. */
final class ReplayOptions {
  /** When frames are sent; at most one of these. */
  static final class Timing {
    @Option(
        names = "--speed",
        paramLabel = "X",
        description = "So many times as fast as captured, 0.01 to 100; default 1.")
    private @Nullable String speed;

    @Option(names = "--pps", paramLabel = "N", description = "So many packets a second, evenly.")
    private @Nullable Long packetsPerSecond;

    @Option(
        names = "--mbps",
        paramLabel = "N",
        description = "So many megabits of frames a second, decimals allowed.")
    private @Nullable BigDecimal megabits;

    @Option(names = "--topspeed", description = "As fast as the port takes them.")
    private boolean topSpeed;
  }

  @ArgGroup private @Nullable Timing timing;

  @Option(
      names = "--loop",
      paramLabel = "N",
      description = "How often all of it is sent; 0 means until it is stopped.")
  private int loops = 1;

  @Option(
      names = "--match",
      paramLabel = "SELECTORS",
      description = "Which frames, as in a rule: '{ protocol: tcp, destination-ports: \"80\" }'.")
  private @Nullable String match;

  @Option(
      names = "--filter",
      paramLabel = "EXPRESSION",
      description = "Which frames, as an expression of tcpdump.")
  private @Nullable String filter;

  @Option(
      names = "--window-frames",
      paramLabel = "N",
      description = "Frames held back at most to put them in order, 0 to 65,536; default 1,000.")
  private int windowFrames = 1_000;

  @Option(
      names = "--window-ms",
      paramLabel = "MS",
      description = "How far apart in time these are at most; default 100.")
  private int windowMs = 100;

  @Option(
      names = "--late-limit-ms",
      paramLabel = "MS",
      description = "How late a frame that the port refuses is still sent; default 100.")
  private int lateLimitMs = 100;

  @Option(
      names = "--max-gap-ms",
      paramLabel = "MS",
      description = "Cuts longer intervals between two frames.")
  private @Nullable Integer maxGapMs;

  /** The keys of a request that these options stand for. */
  Map<String, Object> object() throws CommandFailure {
    final Map<String, Object> object = new LinkedHashMap<>();
    final Timing given = timing;
    if (given != null) {
      put(object, "speed", given.speed);
      put(object, "packets-per-second", given.packetsPerSecond);
      if (given.megabits != null) {
        put(object, "bits-per-second", bits(given.megabits));
      }
      if (given.topSpeed) {
        object.put("top-speed", true);
      }
    }
    object.put("loops", loops);
    if (match != null && filter != null) {
      throw CommandFailure.input("--match and --filter exclude each other: give one of them");
    }
    if (match != null) {
      object.put("match", RuleFile.parse("--match", match));
    } else if (filter != null) {
      object.put("match", Map.of("filter", filter));
    }
    object.put("window-frames", windowFrames);
    object.put("window-ms", windowMs);
    object.put("late-limit-ms", lateLimitMs);
    put(object, "max-gap-ms", maxGapMs);
    return object;
  }

  private static void put(
      final Map<String, Object> object, final String key, final @Nullable Object value) {
    if (value != null) {
      object.put(key, value);
    }
  }

  private static long bits(final BigDecimal megabits) throws CommandFailure {
    try {
      return megabits.movePointRight(6).longValueExact();
    } catch (ArithmeticException e) {
      throw CommandFailure.input("--mbps " + megabits + ": give at most six decimals");
    }
  }
}
