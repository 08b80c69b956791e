package dev.shadowplane.dataplane.journal;

/** Is told what became of a journal's oldest files. Called by the helper's thread. */
public interface RetentionListener {
  /**
   * Files were deleted because the journal exceeded what is kept of it.
   *
   * @param files how many
   * @param bytes how many they held
   * @param bytesLeft what the journal holds now
   */
  void deleted(long files, long bytes, long bytesLeft);

  /**
   * Files could not be deleted; tried again later.
   *
   * @param reason names the file, one line
   */
  void failed(String reason);
}
