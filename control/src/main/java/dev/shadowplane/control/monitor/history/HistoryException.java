package dev.shadowplane.control.monitor.history;

import java.util.List;

/** History cannot be read; the message is what is wrong, all of it, for people. */
public final class HistoryException extends Exception {
  private static final long serialVersionUID = 1;

  private static final int SHOWN = 20;

  /** An exception with its message. */
  public HistoryException(final String message) {
    super(message);
  }

  /** An exception with its cause. */
  public HistoryException(final String message, final Throwable cause) {
    super(message, cause);
  }

  /** Names the first of many problems, and how many there are. */
  static HistoryException of(final String source, final List<String> problems) {
    final int more = problems.size() - SHOWN;
    return new HistoryException(
        source
            + ": "
            + String.join("; ", problems.subList(0, Math.min(SHOWN, problems.size())))
            + (more > 0 ? "; and " + more + " more" : "")
            + "; nothing was imported");
  }
}
