package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.YamlReader;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is to be replayed, how, and where to.
 *
 * @param name what counters, commands and messages call it
 * @param file the name of a capture file, or null for the journal
 * @param fromNs of the journal: frames from this time on, since the epoch
 * @param toNs of the journal: frames before this time
 * @param follow of the journal: whether what is journaled later is replayed too
 * @param target a port or a collector
 * @param timing when frames are sent
 * @param loops how often the source is sent, or {@link #FOR_EVER}
 * @param match which frames are sent
 * @param rewrite the name of the map by which addresses are replaced, or null
 * @param limits what is tolerated
 */
public record ReplayRequest(
    String name,
    @Nullable String file,
    long fromNs,
    long toNs,
    boolean follow,
    RuleTarget target,
    ReplayTiming timing,
    int loops,
    Match match,
    @Nullable String rewrite,
    Limits limits) {
  /** Sent again and again until it is stopped. */
  public static final int FOR_EVER = 0;

  private static final int MAX_LOOPS = 1_000_000_000;

  /**
   * What is tolerated.
   *
   * @param windowFrames how many frames are held back at most to put them in the order of time; 0
   *     leaves them as they are
   * @param windowNs how far apart in time such frames are at most
   * @param lateNs how late a frame that the port does not take may become before it is dropped
   * @param maxGapNs the longest interval between two frames that is kept; a longer one is cut
   */
  public record Limits(int windowFrames, long windowNs, long lateNs, long maxGapNs) {
    /** 1,000 frames within 100 ms; 100 ms late; any gap. */
    public static final Limits DEFAULT =
        new Limits(1_000, 100_000_000, 100_000_000, Long.MAX_VALUE);

    /** The most frames of a window. */
    public static final int MAX_WINDOW_FRAMES = 65_536;

    private static final int MAX_MS = 3_600_000;

    private static Limits read(YamlReader reader) {
      return new Limits(
          reader.integer("window-frames", DEFAULT.windowFrames, 0, MAX_WINDOW_FRAMES),
          milliseconds(reader, "window-ms", DEFAULT.windowNs),
          milliseconds(reader, "late-limit-ms", DEFAULT.lateNs),
          milliseconds(reader, "max-gap-ms", DEFAULT.maxGapNs));
    }

    private static long milliseconds(YamlReader reader, String key, long defaultNs) {
      return reader
          .optional(key, text -> YamlReader.wholeNumber(text, 0, MAX_MS))
          .map(TimeUnit.MILLISECONDS::toNanos)
          .orElse(defaultNs);
    }
  }

  /**
   * Reads a request.
   *
   * @param reader a mapping
   * @return what it says; whether its target, file and rewrite exist is not looked at
   * @throws ConfigException naming key, value, limit and remedy
   */
  public static ReplayRequest read(YamlReader reader) {
    final String name = reader.text("name");
    if (!RuleReader.NAME.matcher(name).matches()) {
      throw reader.refuse("name", name, RuleReader.NAME_REMEDY);
    }
    final @Nullable String file = reader.optionalText("file").orElse(null);
    final boolean journal = reader.bool("journal", false);
    if ((file != null) == journal) {
      throw reader.refuse("file", "names the source, or else journal is true: give one of them");
    }
    final boolean follow = reader.bool("follow", false);
    final ReplayRequest request =
        new ReplayRequest(
            name,
            file,
            time(reader, "from", Long.MIN_VALUE),
            time(reader, "to", Long.MAX_VALUE),
            follow,
            reader
                .optional("target", ReplayRequest::target)
                .orElseThrow(() ->
                    reader.refuse("target", "is missing: give port: or collector: and a name")),
            ReplayTiming.read(reader),
            reader.integer("loops", 1, FOR_EVER, MAX_LOOPS),
            reader.mapping("match").map(MatchReader::read).orElse(Match.ALL),
            reader.optionalText("rewrite").orElse(null),
            Limits.read(reader));
    reader.done();
    if (file != null && (follow || request.fromNs != Long.MIN_VALUE)) {
      throw reader.refuse("from", "is about the journal: seek in a file instead");
    }
    if (request.fromNs >= request.toNs) {
      throw reader.refuse("from", "is not before to: exchange them");
    }
    if (follow && request.loops != 1) {
      throw reader.refuse("loops", "must be 1 with follow: what grows has no end to loop at");
    }
    return request;
  }

  private static long time(YamlReader reader, String key, long defaultNs) {
    return reader
        .optional(key, text -> YamlReader.wholeNumber(text, 0, Long.MAX_VALUE))
        .orElse(defaultNs);
  }

  private static RuleTarget target(String text) {
    final RuleTarget target = RuleTarget.of(text);
    if (target instanceof RuleTarget.Journal) {
      throw new IllegalArgumentException("give port: or collector: and a name");
    }
    return target;
  }
}
