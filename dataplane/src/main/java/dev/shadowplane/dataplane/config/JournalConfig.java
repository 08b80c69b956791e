package dev.shadowplane.dataplane.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The journal.
 *
 * @param directory where its files lie
 * @param ringBytes size of the ring between a worker and the journal agent, a power of two
 * @param maxBytes the oldest files are deleted when all hold more; {@link Long#MAX_VALUE} for never
 * @param maxAgeMs files are deleted when what they hold is older; {@link Long#MAX_VALUE} for never
 */
public record JournalConfig(Path directory, int ringBytes, long maxBytes, long maxAgeMs) {
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,18})([KMGT]?)");
  private static final Map<String, Long> BYTE_UNITS =
      Map.of("", 1L, "K", 1_000L, "M", 1_000_000L, "G", 1_000_000_000L, "T", 1_000_000_000_000L);
  private static final long LEAST_BYTES = 100_000_000;
  private static final Pattern AGE = Pattern.compile("([0-9]{1,9})([smhd])");
  private static final Map<String, Long> AGE_UNITS =
      Map.of(
          "s", TimeUnit.SECONDS.toMillis(1),
          "m", TimeUnit.MINUTES.toMillis(1),
          "h", TimeUnit.HOURS.toMillis(1),
          "d", TimeUnit.DAYS.toMillis(1));
  private static final long LEAST_AGE_MS = TimeUnit.MINUTES.toMillis(5);

  /**
   * A journal of which everything is kept.
   *
   * @param directory where its files lie
   * @param ringBytes as above
   */
  public JournalConfig(Path directory, int ringBytes) {
    this(directory, ringBytes, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  static JournalConfig read(YamlReader reader) {
    final JournalConfig journal =
        new JournalConfig(
            Path.of(reader.text("directory")),
            DataPlaneConfigReader.powerOfTwo(reader, "ring-bytes", 64 << 20),
            reader.optional("max-bytes", JournalConfig::bytes).orElse(Long.MAX_VALUE),
            reader.optional("max-age", JournalConfig::age).orElse(Long.MAX_VALUE));
    reader.done();
    return journal;
  }

  private static long bytes(String text) {
    final long bytes = scaled(BYTES.matcher(text), BYTE_UNITS);
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException("give at least 100M, as in 100000000, 500M, 200G or 4T");
    }
    return bytes;
  }

  private static long age(String text) {
    final long age = scaled(AGE.matcher(text), AGE_UNITS);
    if (age < LEAST_AGE_MS) {
      throw new IllegalArgumentException("give at least 5m, as in 300s, 90m, 12h or 7d");
    }
    return age;
  }

  /** The value; -1 when it has no such form or exceeds 64 bits. */
  private static long scaled(Matcher text, Map<String, Long> units) {
    if (!text.matches()) {
      return -1;
    }
    try {
      return Math.multiplyExact(
          Long.parseLong(text.group(1)), units.getOrDefault(text.group(2), 1L));
    } catch (ArithmeticException e) {
      return -1;
    }
  }
}
