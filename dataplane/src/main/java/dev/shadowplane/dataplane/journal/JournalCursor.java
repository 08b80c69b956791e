package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the documents of one queue that may be about a time range, from file to file: what
 * describes a session, and frames documents with frames in the range. Reads little else.
 */
final class JournalCursor implements AutoCloseable {
  /**
   * How far before the range reading begins: the writer describes session and rules at least this
   * often.
   */
  static final long DESCRIPTION_NS = TimeUnit.SECONDS.toNanos(10);

  /**
   * A frame may be in the file behind the one that its time names, when it was written late; what
   * is later than that, the writer notes.
   */
  static final long LATE_NS = TimeUnit.MINUTES.toNanos(1);

  private static final long LIST_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int NO_CYCLE = Integer.MIN_VALUE;

  private final Path folder;
  private final long fromNs;
  private final long toNs;
  private final boolean follow;
  private final QueueFile.ReadBuffer memory = new QueueFile.ReadBuffer();
  private final DocumentScanner scanner;
  private final Deque<Planned> plan = new ArrayDeque<>();
  private final Deque<WindowSearch.Part> parts = new ArrayDeque<>();
  private @Nullable QueueFile file;
  private int cycle = NO_CYCLE;
  private int plannedCycle = NO_CYCLE;
  private boolean head;
  private boolean settled;
  private boolean inOrder;
  private long partStart;
  private long partBytes;
  private long passedBytes;

  /** Whether documents behind the range were left out at the end of the part read last. */
  private boolean cut;

  private long plannedBytes;
  private long nextListNs = System.nanoTime();
  private @Nullable JournalGap gap;

  /** A file to read; contiguous when it follows the one before it in the plan. */
  private record Planned(int cycle, Path path, List<WindowSearch.Part> parts, boolean contiguous) {}

  /**
   * Plans which files and parts to read.
   *
   * @param folder of the queue
   */
  JournalCursor(Path folder, long fromNs, long toNs, boolean follow) throws IOException {
    this.folder = folder;
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.follow = follow;
    scanner = new DocumentScanner(memory, fromNs, toNs);
    planFiles(JournalFiles.list(folder));
  }

  private long earliestNs() {
    return fromNs < Long.MIN_VALUE + DESCRIPTION_NS ? Long.MIN_VALUE : fromNs - DESCRIPTION_NS;
  }

  private void planFiles(SortedMap<Integer, Path> files) throws IOException {
    boolean last = false;
    for (Map.Entry<Integer, Path> entry : files.entrySet()) {
      int number = entry.getKey();
      boolean newest = number == files.lastKey();
      List<WindowSearch.Part> found = partsOf(number, entry.getValue(), newest);
      if (!found.isEmpty()) {
        plan.add(new Planned(number, entry.getValue(), found, last));
      }
      last = !found.isEmpty() && found.getLast().end() == Long.MAX_VALUE;
      plannedCycle = number;
    }
  }

  /** What to read of a file; by its name alone where that rules it out. */
  private List<WindowSearch.Part> partsOf(int number, Path path, boolean newest)
      throws IOException {
    long cycleNs = TimeUnit.MILLISECONDS.toNanos(JournalQueue.ROLL_CYCLE.lengthInMillis());
    long startNs = number * cycleNs;
    if (startNs + 2 * cycleNs <= earliestNs()) {
      return List.of();
    }
    boolean stepped = Files.exists(JournalFiles.steppedNote(path));
    if (startNs - LATE_NS >= toNs && !stepped) {
      return List.of();
    }
    try (QueueFile open = new QueueFile(path, memory)) {
      long end = newest && !follow ? open.sizeBytes() : Long.MAX_VALUE;
      List<WindowSearch.Part> found =
          stepped
              ? List.of(new WindowSearch.Part(0, end))
              : WindowSearch.parts(
                  open, earliestNs(), follow && newest ? Long.MAX_VALUE : toNs, end);
      for (WindowSearch.Part part : found) {
        plannedBytes += writtenBytes(open, part);
      }
      return found;
    } catch (NoSuchFileException e) {
      return List.of(); // Retention was faster.
    }
  }

  /**
   * Moves to the next document.
   *
   * @return {@link DocumentScanner.Step#FINISHED} when none will come, {@link
   *     DocumentScanner.Step#END} when none is there at present
   * @throws JournalException when a file cannot be read; the next call goes on with the next file
   */
  DocumentScanner.Step next() throws JournalException {
    try {
      while (file != null || openNext()) {
        DocumentScanner.Step step = scanner.next(settled);
        if (step == DocumentScanner.Step.GAP) {
          gap = scanner.gap();
          return step;
        }
        if (step == DocumentScanner.Step.DOCUMENT) {
          if (scanner.header().type() != JournalFormat.TYPE_FRAMES || !(head || isBehind())) {
            return step;
          }
          cut = !head;
          nextPart();
        } else if (step == DocumentScanner.Step.FINISHED || settled) {
          nextPart();
        } else if (hasSuccessor()) {
          settled = true;
        } else {
          return lastGap() ? DocumentScanner.Step.GAP : DocumentScanner.Step.END;
        }
      }
      if (lastGap()) {
        return DocumentScanner.Step.GAP;
      }
      return follow ? DocumentScanner.Step.END : DocumentScanner.Step.FINISHED;
    } catch (IOException e) {
      Path failed = path();
      closeFile();
      throw new JournalException(failed, "the rest of the file cannot be read: " + e, e);
    }
  }

  /** Whether this document and those that follow it in its part are behind the range. */
  private boolean isBehind() {
    return inOrder
        && toNs < Long.MAX_VALUE - WindowSearch.TOLERANCE_NS
        && scanner.header().firstNs() >= toNs + WindowSearch.TOLERANCE_NS;
  }

  private boolean lastGap() {
    if (!scanner.finishGap()) {
      return false;
    }
    gap = scanner.gap();
    return true;
  }

  private boolean hasSuccessor() throws IOException {
    return !plan.isEmpty() || planLater();
  }

  /** Looks for files that have come; not at every call. */
  private boolean planLater() throws IOException {
    long nowNs = System.nanoTime();
    if (!follow || nowNs - nextListNs < 0) {
      return false;
    }
    nextListNs = nowNs + LIST_INTERVAL_NS;
    SortedMap<Integer, Path> later = JournalFiles.list(folder).tailMap(plannedCycle + 1);
    for (Map.Entry<Integer, Path> entry : later.entrySet()) {
      plan.add(
          new Planned(
              entry.getKey(),
              entry.getValue(),
              List.of(new WindowSearch.Part(0, Long.MAX_VALUE)),
              true));
      plannedCycle = entry.getKey();
    }
    return !later.isEmpty();
  }

  private boolean openNext() throws IOException {
    while (hasSuccessor()) {
      Planned next = plan.removeFirst();
      cycle = next.cycle;
      try {
        enter(next, new QueueFile(next.path, memory));
        return true;
      } catch (NoSuchFileException e) {
        file = null; // Retention was faster: the numbers of documents will tell what is gone.
      }
    }
    return false;
  }

  private void enter(Planned next, QueueFile opened) throws IOException {
    file = opened;
    settled = !follow;
    inOrder = !Files.exists(JournalFiles.steppedNote(next.path));
    parts.addAll(next.parts);
    long first = next.parts.getFirst().start();
    head = first > 0;
    partBytes = 0;
    boolean contiguous = next.contiguous && !cut;
    if (head) {
      scanner.enter(opened, 0, first, contiguous);
    } else {
      enterPart(opened, contiguous);
    }
  }

  private void enterPart(QueueFile open, boolean contiguous) throws IOException {
    WindowSearch.Part part = parts.removeFirst();
    cut = false;
    scanner.enter(open, part.start(), part.end(), contiguous);
    partStart = part.start();
    partBytes = writtenBytes(open, part);
  }

  /** The size of a part without the space that the writer has reserved behind its documents. */
  private static long writtenBytes(QueueFile open, WindowSearch.Part part) throws IOException {
    long last = QueueIndex.writePosition(open);
    long end = last > 0 ? Math.min(last, open.sizeBytes()) : open.sizeBytes();
    return Math.max(0, Math.min(part.end(), end) - part.start());
  }

  private void nextPart() throws IOException {
    passedBytes += partBytes;
    partBytes = 0;
    head = false;
    if (parts.isEmpty()) {
      closeFile();
    } else {
      enterPart(Objects.requireNonNull(file), false);
    }
  }

  private void closeFile() {
    QueueFile open = file;
    file = null;
    parts.clear();
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The document of the last step, in {@link #memory}; valid until the next step. */
  DocumentHeader header() {
    return scanner.header();
  }

  /**
   * Whether all of the document is there, or, where it is not about the range, its header alone.
   */
  boolean isWhole() {
    return scanner.isWhole();
  }

  /** The bytes of documents. */
  QueueFile.ReadBuffer memory() {
    return memory;
  }

  /** The gap of the last step. */
  JournalGap gap() {
    return Objects.requireNonNull(gap);
  }

  /** The roll cycle of the current file. */
  int cycle() {
    return cycle;
  }

  /** The current file. */
  Path path() {
    return JournalFiles.file(folder, cycle);
  }

  /** How much of what was planned has been gone through; grows up to {@link #plannedBytes}. */
  long passedBytes() {
    return passedBytes + Math.min(partBytes, head ? 0 : scanner.position() - partStart);
  }

  /** The size of the files' parts to read. */
  long plannedBytes() {
    return plannedBytes;
  }

  @Override
  public void close() {
    closeFile();
  }
}
