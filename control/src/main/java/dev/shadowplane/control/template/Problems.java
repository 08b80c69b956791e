package dev.shadowplane.control.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong with a document. */
final class Problems {
  private static final int SHOWN_CHARACTERS = 80;

  private final TemplateDocument document;
  private final List<Problem> problems = new ArrayList<>();
  private final Set<Place> places = new HashSet<>();
  private int untold;

  Problems(final TemplateDocument document) {
    this.document = document;
  }

  /**
   * Something is wrong; what is told first about a place counts.
   *
   * @param place where.
   * @param text what is wrong and the remedy; the value is put before it.
   */
  void add(final Place place, final String text) {
    if (problems.size() >= TemplateException.MAX_PROBLEMS) {
      untold++;
    } else if (places.add(place)) {
      final String value = document.scalar(place).map(Problems::shown).orElse("");
      problems.add(
          new Problem(document.source(), document.line(place), place.toString(), value + text));
    }
  }

  /** The value at a place as it is written; empty if it is no single one. */
  String written(final Place place) {
    return document.scalar(place).orElse("");
  }

  void throwIfAny() throws TemplateException {
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparingInt(Problem::line));
      throw new TemplateException(problems, untold);
    }
  }

  private static String shown(final String value) {
    return (value.length() <= SHOWN_CHARACTERS
            ? value
            : value.substring(0, SHOWN_CHARACTERS) + "...")
        + ": ";
  }
}
