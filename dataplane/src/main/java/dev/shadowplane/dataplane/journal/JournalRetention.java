package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;

/**
 * Deletes the oldest files of a journal, over all its queues, when they exceed what is kept. Never
 * one that is being written; what a reader has open stays readable to it. One thread.
 */
final class JournalRetention {
  private final Path folder;
  private final JournalOptions.Retention limits;
  private final int liveQueues;
  private final JournalHelperListener listener;

  /** A file that may be deleted. */
  private record Candidate(int cycle, int queue, Path file, long bytes) {}

  /**
   * For a journal.
   *
   * @param liveQueues so many queues have a writer, numbered from 0: their newest files are in use
   * @param listener is told what was deleted
   */
  JournalRetention(
      Path folder, JournalOptions.Retention limits, int liveQueues, JournalHelperListener listener) {
    this.folder = folder;
    this.limits = limits;
    this.liveQueues = liveQueues;
    this.listener = listener;
  }

  /**
   * Deletes what exceeds the limits.
   *
   * @param nowMs since the epoch
   * @throws IOException when a file cannot be deleted or a folder not be read
   */
  void apply(long nowMs) throws IOException {
    if (limits.equals(JournalOptions.Retention.NONE)) {
      return;
    }
    PriorityQueue<Candidate> candidates =
        new PriorityQueue<>(
            Comparator.comparingInt(Candidate::cycle).thenComparingInt(Candidate::queue));
    long bytes = 0;
    for (Map.Entry<Integer, Path> queue : JournalFiles.queues(folder).entrySet()) {
      SortedMap<Integer, Path> files = JournalFiles.list(queue.getValue());
      for (Map.Entry<Integer, Path> file : files.entrySet()) {
        long size = Files.size(file.getValue());
        bytes += size;
        if (queue.getKey() >= liveQueues || !file.getKey().equals(files.lastKey())) {
          candidates.add(new Candidate(file.getKey(), queue.getKey(), file.getValue(), size));
        }
      }
    }
    long files = 0;
    long deleted = 0;
    try {
      for (Candidate oldest = candidates.poll();
          oldest != null && (bytes > limits.maxBytes() || isTooOld(oldest.cycle(), nowMs));
          oldest = candidates.poll()) {
        Files.deleteIfExists(oldest.file());
        files++;
        deleted += oldest.bytes();
        bytes -= oldest.bytes();
      }
    } finally {
      if (files > 0) {
        listener.deleted(files, deleted, bytes);
      }
    }
  }

  private boolean isTooOld(int cycle, long nowMs) {
    long endMs = (cycle + 1L) * JournalQueue.ROLL_CYCLE.lengthInMillis();
    return nowMs - endMs > limits.maxAgeMs();
  }
}
