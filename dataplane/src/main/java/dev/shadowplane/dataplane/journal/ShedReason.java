package dev.shadowplane.dataplane.journal;

/** Why a frame that a rule meant for the journal is not in it. */
public enum ShedReason {
  /** The worker's ring was full: the journal agent or its disk was too slow. */
  RING_FULL("journal-ring-full"),
  /** The frame exceeds {@link JournalRing#maxFrameBytes}. */
  FRAME_TOO_LONG("journal-frame-too-long"),
  /** The journal had stopped, or stopped while the frame was being written. */
  JOURNAL_FAILED("journal-failed");

  private final String label;

  ShedReason(String label) {
    this.label = label;
  }

  /** The reason's name in counters and reports. */
  public String label() {
    return label;
  }
}
