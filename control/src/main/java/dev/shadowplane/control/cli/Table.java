package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows of objects under one name. JSON shows everything; text and CSV show columns, each a key;
 * text leaves out columns that may be empty while they are.
 */
final class Table {
  private final String name;
  private final List<String> columns;
  private final Set<String> mayBeEmpty = new HashSet<>();
  private final Map<String, Object> head = new LinkedHashMap<>();
  private final List<Map<String, Object>> rows = new ArrayList<>();

  Table(final String name, final List<String> columns) {
    this.name = name;
    this.columns = columns;
  }

  /** Adds what is said once, beside the rows; JSON only. */
  Table with(final String key, final Object value) {
    head.put(key, value);
    return this;
  }

  /** Columns that text shows only when some row has something in them. */
  Table hidingEmpty(final Collection<String> hidden) {
    mayBeEmpty.addAll(hidden);
    return this;
  }

  void add(final Map<String, Object> row) {
    rows.add(row);
  }

  void print(final Format format, final PrintWriter out) {
    switch (format) {
      case text -> printText(out);
      case json -> out.println(Json.writePretty(tree()));
      case csv -> printCsv(out, true);
    }
    out.flush();
  }

  /** Prints one of several in a row: JSON on one line, and the CSV header with the first only. */
  void printNext(final Format format, final PrintWriter out, final boolean first) {
    switch (format) {
      case text -> printText(out);
      case json -> out.println(Json.write(tree()));
      case csv -> printCsv(out, first);
    }
    out.flush();
  }

  private Map<String, Object> tree() {
    final Map<String, Object> tree = new LinkedHashMap<>(head);
    tree.put(name, rows);
    return tree;
  }

  private void printText(final PrintWriter out) {
    final List<String> shown =
        columns.stream()
            .filter(column ->
                !mayBeEmpty.contains(column)
                    || rows.stream().anyMatch(row -> row.containsKey(column)))
            .toList();
    final int count = shown.size();
    final int[] widths = new int[count];
    final boolean[] right = new boolean[count];
    for (int i = 0; i < count; i++) {
      final String column = shown.get(i);
      widths[i] = column.length();
      right[i] = !rows.isEmpty();
      for (final Map<String, Object> row : rows) {
        widths[i] = Math.max(widths[i], cell(row, column).length());
        right[i] &= row.get(column) instanceof Number;
      }
    }
    final List<String> header =
        shown.stream().map(column -> column.toUpperCase(Locale.ROOT)).toList();
    printLine(out, header, widths, right);
    for (final Map<String, Object> row : rows) {
      printLine(out, shown.stream().map(column -> cell(row, column)).toList(), widths, right);
    }
  }

  private static void printLine(
      final PrintWriter out, final List<String> cells, final int[] widths, final boolean[] right) {
    final StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      final String padding = " ".repeat(widths[i] - cells.get(i).length());
      line.append(right[i] ? padding + cells.get(i) : cells.get(i) + padding).append("  ");
    }
    out.println(line.toString().stripTrailing());
  }

  private void printCsv(final PrintWriter out, final boolean header) {
    if (header) {
      out.print(String.join(",", columns) + "\r\n");
    }
    for (final Map<String, Object> row : rows) {
      out.print(
          String.join(",", columns.stream().map(column -> quoted(cell(row, column))).toList())
              + "\r\n");
    }
  }

  private static String quoted(final String cell) {
    return cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n')
        ? '"' + cell.replace("\"", "\"\"") + '"'
        : cell;
  }

  private static String cell(final Map<String, Object> row, final String column) {
    return shown(row.get(column));
  }

  /** A value on one line; control characters, which could steer a terminal, are replaced. */
  private static String shown(final @Nullable Object value) {
    return switch (value) {
      case null -> "";
      case Map<?, ?> map ->
          String.join(
              " ",
              map.entrySet().stream()
                  .map(entry -> entry.getKey() + "=" + nested(entry.getValue()))
                  .toList());
      case List<?> list -> String.join(",", list.stream().map(Table::shown).toList());
      default -> Printable.line(value.toString());
    };
  }

  private static String nested(final @Nullable Object value) {
    return value instanceof Map ? "{" + shown(value) + "}" : shown(value);
  }
}
