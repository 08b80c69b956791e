package dev.shadowplane.control.feed;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.shadowplane.control.model.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what feeds report, also while they write, from the folder in which the provisioner keeps
 * the reports of all agents: {@code SHADOW/agents/NAME/report}. What is written there may be
 * damaged or hostile. Safe for many threads.
 */
public final class FeedReports {
  /** The most differences given out at once. */
  public static final int MAX_PAGE = 1_000;

  private static final long MAX_STATUS_BYTES = 1 << 20;

  private final Path folder;

  /**
   * Reads nothing yet.
   *
   * @param folder of all reports; need not exist.
   */
  public FeedReports(final Path folder) {
    this.folder = folder;
  }

  /**
   * A status.
   *
   * @param texts what is said in words, by its name.
   * @param counts whole numbers by their names, those of nested ones joined by dots.
   * @param behindMs {@code behind_ms}.
   * @param lastDifference the number of the last difference.
   * @param report the report's folder.
   */
  public record Status(
      Map<String, String> texts,
      Map<String, Long> counts,
      double behindMs,
      long lastDifference,
      Path report) {
    /** Copies the maps. */
    public Status {
      texts = Map.copyOf(texts);
      counts = Map.copyOf(counts);
    }
  }

  /**
   * A difference as it was written.
   *
   * @param number counts up.
   * @param fields as {@link FeedReport#fields} has them.
   */
  public record Line(long number, JsonObject fields) {}

  /**
   * The status of the feed of a shadow.
   *
   * @param shadow the shadow's name.
   * @return nothing if there is none.
   * @throws IllegalArgumentException if this cannot be a name.
   * @throws IOException when the reports cannot be read.
   */
  public Optional<Status> status(final String shadow) throws IOException {
    if (!Names.valid(shadow)) {
      throw new IllegalArgumentException("'" + shadow + "' is no name of a shadow");
    }
    try (DirectoryStream<Path> agents =
        Files.newDirectoryStream(folder.resolve(shadow).resolve("agents"))) {
      for (final Path agent : agents) {
        final Path report = agent.resolve("report");
        final @Nullable JsonObject status = read(report.resolve("status.json"));
        if (status != null && "feed".equals(text(status, "agent"))) {
          return Optional.of(status(status, report));
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static @Nullable JsonObject read(final Path file) throws IOException {
    try {
      if (Files.size(file) > MAX_STATUS_BYTES) {
        return null;
      }
      return JsonParser.parseString(Files.readString(file, StandardCharsets.ISO_8859_1))
          .getAsJsonObject();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return null;
    } catch (JsonParseException | IllegalStateException e) {
      return null; // No report of ours.
    }
  }

  private static String text(final JsonObject object, final String key) {
    final @Nullable JsonElement value = object.get(key);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
  }

  private static Status status(final JsonObject object, final Path report) {
    final Map<String, String> texts = new TreeMap<>();
    final Map<String, Long> counts = new TreeMap<>();
    flatten("", object, texts, counts);
    double behindMs = 0;
    final @Nullable JsonElement behind = object.get("behind_ms");
    if (behind != null && behind.isJsonPrimitive() && behind.getAsJsonPrimitive().isNumber()) {
      behindMs = behind.getAsDouble();
    }
    final Long last = counts.remove("last_difference");
    counts.remove("behind_ms");
    return new Status(texts, counts, behindMs, last == null ? 0 : last, report);
  }

  private static void flatten(
      final String prefix,
      final JsonObject object,
      final Map<String, String> texts,
      final Map<String, Long> counts) {
    object
        .asMap()
        .forEach((key, value) -> {
          if (value.isJsonObject() && prefix.length() < 100) {
            flatten(prefix + key + ".", value.getAsJsonObject(), texts, counts);
          } else if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
            counts.put(prefix + key, (long) value.getAsDouble());
          } else if (value.isJsonPrimitive()) {
            texts.put(prefix + key, value.getAsString());
          }
        });
  }

  /**
   * Differences that a feed has reported.
   *
   * @param status its status.
   * @param slow those of {@code slow.jsonl} instead.
   * @param after the number behind which they begin.
   * @param limit how many at most, 1 to {@link #MAX_PAGE}.
   * @return the oldest first.
   * @throws IOException when they cannot be read.
   */
  public List<Line> differences(
      final Status status, final boolean slow, final long after, final int limit)
      throws IOException {
    final List<Line> lines = new ArrayList<>();
    final String name = slow ? "slow" : "differences";
    long from = after;
    for (final String file : List.of(name + ".1.jsonl", name + ".jsonl")) {
      final long behind = from;
      DifferenceFile.read(
          status.report().resolve(file),
          (number, fields) -> {
            if (number > behind) {
              lines.add(new Line(number, fields));
            }
            return lines.size() < limit;
          });
      if (!lines.isEmpty()) {
        from = lines.getLast().number();
      }
      if (lines.size() >= limit) {
        break;
      }
    }
    return lines;
  }
}
