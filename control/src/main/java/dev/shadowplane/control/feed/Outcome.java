package dev.shadowplane.control.feed;

/** How the driving of a session ended. */
enum Outcome {
  /** All that the client sent was passed on, and the shadow had its time to answer. */
  FINISHED("finished"),
  /** The shadow refused the connection, or did not take it in time. */
  CONNECT("connect"),
  /** The shadow closed before the client had sent everything. */
  CLOSED("closed"),
  /** The shadow gave no answer in time, or took nothing more. */
  UNANSWERED("unanswered"),
  /** It was behind by too much. */
  LATE("late"),
  /** The feed ended. */
  INTERRUPTED("interrupted"),
  /** The rest of it cannot be driven. */
  ABANDONED("abandoned");

  private final String label;

  Outcome(final String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
