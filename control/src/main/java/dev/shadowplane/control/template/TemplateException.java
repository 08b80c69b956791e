package dev.shadowplane.control.template;

import java.util.List;
import java.util.stream.Collectors;

/** A template cannot be used. Nothing has been changed. */
public final class TemplateException extends Exception {
  /** The most problems that are told; how many there are beyond is said in the message. */
  public static final int MAX_PROBLEMS = 100;

  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  TemplateException(final List<Problem> problems, final int untold) {
    super(
        problems.stream().map(Problem::toString).collect(Collectors.joining("\n"))
            + (untold == 0 ? "" : "\nand " + untold + " more problems"));
    this.problems = List.copyOf(problems);
  }

  /** The problems, by line; at least one, at most {@link #MAX_PROBLEMS}. */
  public List<Problem> problems() {
    return problems;
  }
}
