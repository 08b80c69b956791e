package dev.shadowplane.control.feed;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** In what two answers differ. Headers do not count: dates and identifiers change with each. */
public enum DifferenceKind {
  /** The status of HTTP. */
  STATUS,
  /** How many bytes there are. */
  SIZE,
  /** What the bytes are. */
  CONTENT,
  /** The shadow gave no answer, though it was asked. */
  MISSING;

  /** What reports call it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** In what the answers of an exchange differ; nothing if they are equal. */
  static Set<DifferenceKind> of(final Exchange exchange) {
    final Answer primary = exchange.primary();
    final @Nullable Answer shadow = exchange.shadow();
    if (shadow == null) {
      return EnumSet.of(MISSING);
    }
    final Set<DifferenceKind> kinds = EnumSet.noneOf(DifferenceKind.class);
    if (primary.status() != shadow.status()) {
      kinds.add(STATUS);
    }
    if (primary.bytes() != shadow.bytes()) {
      kinds.add(SIZE);
    }
    if (!primary.sha256().equals(shadow.sha256())) {
      kinds.add(CONTENT);
    }
    return kinds;
  }
}
