package dev.shadowplane.dataplane.journal;

/** Is told what a journal's helper did. Called by the helper's thread. */
public interface JournalHelperListener {
  /**
   * Files were deleted because the journal exceeded what is kept of it.
   *
   * @param files how many
   * @param bytes how many they held
   * @param bytesLeft what the journal holds now
   */
  void deleted(long files, long bytes, long bytesLeft);

  /**
   * The self-test has ended.
   *
   * @param result what it found
   */
  void selfTested(JournalSelfTest.Result result);

  /**
   * Something could not be done.
   *
   * @param reason what, and why, one line
   */
  void failed(String reason);
}
