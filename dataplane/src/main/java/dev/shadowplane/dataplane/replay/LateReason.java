package dev.shadowplane.dataplane.replay;

/** Why a frame was sent more than {@link #LATE_NS} after its time. */
public enum LateReason {
  /** The loader had not brought it: the disk, or the loader's core, is too slow. */
  SOURCE("source"),
  /** The port did not take it before. */
  PORT("port"),
  /** No buffer was free. */
  NO_MBUF("no-mbuf"),
  /** The replay agent was away from its queues: its core was taken. */
  CORE("core"),
  /** It came out of order by more than the window, and was sent at once. Always counted. */
  WINDOW("window");

  /** What counts as late. */
  public static final long LATE_NS = 100_000;

  private final String label;

  LateReason(String label) {
    this.label = label;
  }

  /**
   * Its part of a counter's label.
   *
   * @return lower case
   */
  public String label() {
    return label;
  }
}
