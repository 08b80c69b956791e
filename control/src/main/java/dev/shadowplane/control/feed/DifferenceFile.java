package dev.shadowplane.control.feed;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of differences, also while it is written: lines that are cut off are passed over.
 */
final class DifferenceFile {
  private static final int MAX_LINE = 8_192;

  private DifferenceFile() {}

  /** Takes a line. */
  interface Sink {
    /** Whether to go on. */
    boolean line(long number, JsonObject fields);
  }

  /** Goes through the lines of a file in their order; there may be no file. */
  static void read(final Path file, final Sink sink) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      @Nullable String line = reader.readLine();
      while (line != null) {
        final @Nullable JsonObject fields = parse(line);
        if (fields != null && !sink.line((long) fields.get("number").getAsDouble(), fields)) {
          return;
        }
        line = reader.readLine();
      }
    } catch (NoSuchFileException e) {
      return; // Nothing was reported yet.
    }
  }

  private static @Nullable JsonObject parse(final String line) {
    if (!line.endsWith("}") || line.length() > MAX_LINE) {
      return null;
    }
    try {
      final JsonObject fields = JsonParser.parseString(line).getAsJsonObject();
      return fields.get("number") instanceof JsonPrimitive number && number.isNumber()
          ? fields
          : null;
    } catch (JsonParseException | IllegalStateException e) {
      return null;
    }
  }

  /** The number of the last line; 0 if there is none. */
  static long lastNumber(final Path file) throws IOException {
    final long[] last = new long[1];
    read(
        file,
        (number, fields) -> {
          last[0] = Math.max(last[0], number);
          return true;
        });
    return last[0];
  }
}
