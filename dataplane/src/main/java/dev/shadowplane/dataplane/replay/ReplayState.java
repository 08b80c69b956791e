package dev.shadowplane.dataplane.replay;

/** What a replay is doing. */
public enum ReplayState {
  /** Frames are read ahead. */
  LOADING(0),
  /** Frames are sent. */
  RUNNING(1),
  /** Held until it is resumed. */
  PAUSED(2),
  /** All has been sent. */
  FINISHED(3),
  /** Ended by command. */
  STOPPED(4),
  /** The source could not be read to its end; what was read has been sent. */
  FAILED(5);

  private final int code;

  ReplayState(int code) {
    this.code = code;
  }

  /**
   * Its number in a counter.
   *
   * @return never another
   */
  public int code() {
    return code;
  }

  /**
   * Whether it has ended.
   *
   * @return true when nothing is sent any more
   */
  public boolean isOver() {
    return this == FINISHED || this == STOPPED || this == FAILED;
  }

  /**
   * Its name in messages.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
