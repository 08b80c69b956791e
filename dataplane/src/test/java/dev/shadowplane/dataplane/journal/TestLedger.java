package dev.shadowplane.dataplane.journal;

import java.util.ArrayList;
import java.util.List;

/** Adds up what it is told, without allocation but for changes of state. */
final class TestLedger implements JournalLedger {
  final List<JournalState> states = new ArrayList<>();
  final List<String> warnings = new ArrayList<>();
  final long[] journaledFrames = new long[TestFrames.RULES];
  final long[] failedFrames = new long[TestFrames.RULES];
  long journaledBytes;
  String reason = "";

  @Override
  public void journaled(int ruleId, long frames, long bytes) {
    journaledFrames[ruleId + 1] += frames;
    journaledBytes += bytes;
  }

  @Override
  public void shed(int ruleId, ShedReason shedReason, long frames) {
    if (shedReason != ShedReason.JOURNAL_FAILED) {
      throw new AssertionError(shedReason);
    }
    failedFrames[ruleId + 1] += frames;
  }

  @Override
  public void state(JournalState state, String why) {
    states.add(state);
    reason = why;
  }

  @Override
  public void warning(String text) {
    warnings.add(text);
  }

  long journaled() {
    return sum(journaledFrames);
  }

  long failed() {
    return sum(failedFrames);
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }
}
