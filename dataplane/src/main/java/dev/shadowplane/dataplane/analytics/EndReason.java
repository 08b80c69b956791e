package dev.shadowplane.dataplane.analytics;

/** Why a flow was closed and handed out, or that it was not. */
public enum EndReason {
  /** Still in the table. */
  ONGOING("ongoing"),
  /** No packet for the idle timeout. */
  IDLE("idle"),
  /**
   * It lasted for the active timeout, or one of its counters came near its end; what comes later is
   * counted in a flow of its own.
   */
  ACTIVE("active"),
  /** TCP closed the connection: a FIN each way, or a RST. */
  CLOSED("closed"),
  /** The table was full and this was the one idle longest among those looked at. */
  EVICTED("evicted"),
  /** The capture ended, or the agent did. */
  END_OF_INPUT("end-of-input");

  private final String text;

  EndReason(String text) {
    this.text = text;
  }

  /**
   * The reason as output writes it.
   *
   * @return lower case, words joined by hyphens
   */
  public String text() {
    return text;
  }
}
