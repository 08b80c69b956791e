package dev.shadowplane.dataplane.export;

/** Watches an export from within its thread, and may end it. */
public interface ExportListener {
  /** Watches nothing. */
  ExportListener NONE = new ExportListener() {};

  /**
   * Called every few thousand frames of the journal, exported or not.
   *
   * @param frames exported so far
   * @param bytes their captured bytes
   * @param passedBytes of the journal that have been gone through
   * @param plannedBytes of the journal that were to be gone through at the beginning
   */
  default void progress(long frames, long bytes, long passedBytes, long plannedBytes) {}

  /**
   * Asked often. An export that follows then ends well; any other one fails, and its last file does
   * not appear.
   *
   * @return whether to end
   */
  default boolean isCancelled() {
    return false;
  }
}
