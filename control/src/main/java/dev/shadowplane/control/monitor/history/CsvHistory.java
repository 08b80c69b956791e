package dev.shadowplane.control.monitor.history;

import dev.shadowplane.control.monitor.series.Sample;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads measurements from CSV (RFC 4180): a header with the names of columns, or none, and a time
 * and a value a line. Lines may be in any order.
 */
public final class CsvHistory {
  private static final long MAX_BYTES = 64L << 20;
  private static final int MAX_LINE = 4_096;
  private static final int MAX_PROBLEMS = 1_000;

  private final String timeColumn;
  private final String valueColumn;
  private final List<Sample> samples = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private int time;
  private int value = 1;

  private CsvHistory(final String timeColumn, final String valueColumn) {
    this.timeColumn = timeColumn;
    this.valueColumn = valueColumn;
  }

  /**
   * Reads a file.
   *
   * @param file UTF-8, 64 MiB at most.
   * @param timeColumn the column of times, by its name in the header; without a header it is the
   *     first.
   * @param valueColumn the column of values; without a header it is the second.
   * @return what was measured, by time.
   * @throws HistoryException if a line is wrong; the message names each.
   */
  public static List<Sample> read(
      final Path file, final String timeColumn, final String valueColumn) throws HistoryException {
    final CsvHistory history = new CsvHistory(timeColumn, valueColumn);
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new HistoryException(file + " has more than 64 MiB: split it");
      }
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        history.read(lines);
      }
    } catch (CharacterCodingException e) {
      throw new HistoryException(file + " is not UTF-8 text: convert it", e);
    } catch (IOException e) {
      throw new HistoryException(file + " cannot be read (" + e + ")", e);
    }
    if (history.samples.isEmpty() && history.problems.isEmpty()) {
      history.problems.add("there is no measurement in it");
    }
    if (!history.problems.isEmpty()) {
      throw HistoryException.of(file.toString(), history.problems);
    }
    history.samples.sort(Comparator.comparingLong(Sample::second));
    return history.samples;
  }

  private void read(final BufferedReader lines) throws IOException {
    String line = lines.readLine();
    for (int number = 1; line != null && problems.size() < MAX_PROBLEMS; number++) {
      try {
        if (line.length() > MAX_LINE) {
          throw new IllegalArgumentException("is longer than " + MAX_LINE + " characters");
        }
        if (!line.isBlank()) {
          final List<String> cells = cells(line.startsWith("\uFEFF") ? line.substring(1) : line);
          if (number > 1 || !header(cells)) {
            samples.add(sample(cells));
          }
        }
      } catch (IllegalArgumentException e) {
        problems.add("line " + number + ": " + e.getMessage());
      }
      line = lines.readLine();
    }
  }

  /** Whether cells are names of columns, which are looked for then. */
  private boolean header(final List<String> cells) {
    final int times = cells.indexOf(timeColumn);
    final int values = cells.indexOf(valueColumn);
    if (times >= 0 && values >= 0) {
      time = times;
      value = values;
      return true;
    }
    if (cells.getFirst().matches(".*[0-9].*")) {
      return false;
    }
    throw new IllegalArgumentException(
        "has no columns '" + timeColumn + "' and '" + valueColumn + "': name them");
  }

  private Sample sample(final List<String> cells) {
    if (cells.size() <= Math.max(time, value)) {
      throw new IllegalArgumentException("has " + cells.size() + " columns only");
    }
    final String text = cells.get(value).strip();
    final double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + Timestamp.shown(text) + "' is no number", e);
    }
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("'" + Timestamp.shown(text) + "' is not finite");
    }
    return new Sample(Timestamp.seconds(cells.get(time).strip()), number);
  }

  private static List<String> cells(final String line) {
    final List<String> cells = new ArrayList<>();
    final StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      final char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    if (quoted) {
      throw new IllegalArgumentException("has a quote that does not end");
    }
    cells.add(cell.toString());
    return cells;
  }
}
