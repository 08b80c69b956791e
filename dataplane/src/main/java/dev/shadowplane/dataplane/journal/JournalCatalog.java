package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What the files of a journal hold, by the headers of their documents alone: needs no key. */
public final class JournalCatalog {
  private JournalCatalog() {}

  /**
   * One file.
   *
   * @param queue the queue, which is the worker, that it belongs to
   * @param file where it is
   * @param firstNs the least time of its frames, since the epoch; 0 without frames
   * @param lastNs the greatest; 0 without frames
   * @param sessions start times of the writers whose documents it holds, nanoseconds since the
   *     epoch
   * @param documents how many, those that describe the frames included
   * @param frames how many
   * @param bytes of its documents, without the space that the writer has reserved behind them
   * @param keys ids of the keys that it is encrypted with; none when it is not
   * @param gaps how many damaged places there are between the headers
   */
  public record FileSummary(
      int queue,
      Path file,
      long firstNs,
      long lastNs,
      List<Long> sessions,
      long documents,
      long frames,
      long bytes,
      List<Long> keys,
      long gaps) {
    /** Takes copies of the lists. */
    public FileSummary {
      sessions = List.copyOf(sessions);
      keys = List.copyOf(keys);
    }
  }

  /**
   * Goes through all files, queue by queue and in the order of their names. The journal may be in
   * use; files that retention deletes meanwhile are left out.
   *
   * @param folder of the journal
   * @param each is told each file, as soon as it is read
   * @throws IOException when there is no journal or a file cannot be read
   */
  public static void list(Path folder, Consumer<FileSummary> each) throws IOException {
    QueueFile.ReadBuffer memory = new QueueFile.ReadBuffer();
    boolean found = false;
    for (Map.Entry<Integer, Path> queue : JournalFiles.queues(folder).entrySet()) {
      for (Path file : JournalFiles.list(queue.getValue()).values()) {
        found = true;
        try (QueueFile open = new QueueFile(file, memory)) {
          each.accept(summary(queue.getKey(), open, memory));
        } catch (NoSuchFileException e) {
          found = true; // Retention was faster.
        }
      }
    }
    if (!found) {
      throw new JournalException(
          folder, "no journal: the folder holds no " + JournalFiles.SUFFIX + " file");
    }
  }

  /**
   * Names all files without reading them.
   *
   * @param folder of the journal
   * @param each is told each file
   * @throws IOException when the folder cannot be read
   */
  public static void files(Path folder, Consumer<Path> each) throws IOException {
    for (Path queue : JournalFiles.queues(folder).values()) {
      JournalFiles.list(queue).values().forEach(each);
    }
  }

  private static FileSummary summary(int queue, QueueFile file, QueueFile.ReadBuffer memory)
      throws IOException {
    DocumentScanner scanner = new DocumentScanner(memory, Long.MAX_VALUE, Long.MIN_VALUE);
    scanner.enter(file, 0, file.sizeBytes(), false);
    Collection<Long> sessions = new TreeSet<>();
    Collection<Long> keys = new TreeSet<>();
    long firstNs = Long.MAX_VALUE;
    long lastNs = Long.MIN_VALUE;
    long documents = 0;
    long frames = 0;
    long bytes = 0;
    long gaps = 0;
    DocumentScanner.Step step = scanner.next(true);
    while (step == DocumentScanner.Step.DOCUMENT || step == DocumentScanner.Step.GAP) {
      if (step == DocumentScanner.Step.GAP) {
        gaps++;
      } else {
        DocumentHeader header = scanner.header();
        sessions.add(header.sessionNs());
        documents++;
        bytes += QueueFile.WORD_BYTES + header.lengthBytes();
        if (header.isEncrypted()) {
          keys.add(header.keyId());
        }
        if (header.type() == JournalFormat.TYPE_FRAMES) {
          frames += Integer.toUnsignedLong(header.frameCount());
          firstNs = Math.min(firstNs, header.firstNs());
          lastNs = Math.max(lastNs, header.lastNs());
        }
      }
      step = scanner.next(true);
    }
    if (scanner.finishGap()) {
      gaps++;
    }
    return new FileSummary(
        queue,
        file.path(),
        frames > 0 ? firstNs : 0,
        frames > 0 ? lastNs : 0,
        new ArrayList<>(sessions),
        documents,
        frames,
        bytes,
        new ArrayList<>(keys),
        gaps);
  }
}
