package dev.shadowplane.dataplane.journal;

/** Whether frames reach the disk. */
public enum JournalState {
  /** Frames are written. */
  RUNNING,
  /** Writing failed: frames are counted as shed until a retry succeeds. */
  STOPPED
}
