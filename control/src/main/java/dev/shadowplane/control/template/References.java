package dev.shadowplane.control.template;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The names of one kind of things, and what refers to them. */
final class References {
  private final String kind;
  private final Set<String> names = new HashSet<>();
  private final Problems problems;

  /**
   * Takes the names of a list, which are to be unique.
   *
   * @param kind what its items are, for people.
   * @param place the list.
   */
  <T> References(
      final String kind,
      final Place place,
      final List<T> list,
      final Function<T, String> name,
      final Problems problems) {
    this.kind = kind;
    this.problems = problems;
    for (int i = 0; i < list.size(); i++) {
      final String text = name.apply(list.get(i));
      if (!names.add(text) && !text.isEmpty()) {
        problems.add(place.item(i).key("name"), "is the name of another " + kind + ": rename one");
      }
    }
  }

  boolean contains(final String name) {
    return names.contains(name);
  }

  /** A name that is to be one of these; an empty one refers to nothing. */
  void check(final Place place, final String name) {
    if (!name.isEmpty() && !contains(name)) {
      problems.add(place, "is the name of no " + kind + ": correct it, or describe one");
    }
  }

  /** Names that are to be of these, each once. */
  void checkAll(final Place place, final List<String> list) {
    final Set<String> seen = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      check(place.item(i), list.get(i));
      if (!seen.add(list.get(i)) && !list.get(i).isEmpty()) {
        problems.add(place.item(i), "is there twice: keep one");
      }
    }
  }
}
