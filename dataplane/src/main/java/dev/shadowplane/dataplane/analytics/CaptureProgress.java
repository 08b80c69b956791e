package dev.shadowplane.dataplane.analytics;

/** Is told how far the reading of a capture is. */
@FunctionalInterface
public interface CaptureProgress {
  /** Tells nobody. */
  CaptureProgress NONE = (frames, bytes) -> {};

  /**
   * So much is done; called after some thousand frames.
   *
   * @param frames whose packets are in flows
   * @param bytes of the file that they take up
   */
  void at(long frames, long bytes);
}
