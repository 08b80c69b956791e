package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the parts of a file that may hold frames of a time range, by headers of documents here and
 * there. Within a session timestamps rise, but for {@link #TOLERANCE_NS}; where two samples are of
 * different sessions or go backwards (the clock was set), what lies between them is taken whole.
 */
final class WindowSearch {
  /** By how much timestamps step back while nobody sets the clock: it is slewed, and batched. */
  static final long TOLERANCE_NS = 1_000_000_000;

  private static final int SAMPLES = 256;

  /** The documents that describe a session come together. */
  private static final int NEIGHBOURS = 16;

  private final QueueFile file;
  private final DocumentHeader header;
  private final long fromNs;
  private final long toNs;
  private final long[] index;

  /**
   * Part of a file.
   *
   * @param start the word of a document, or 0
   * @param end the first byte behind the part
   */
  record Part(long start, long end) {}

  private record Sample(int entry, long position, long sessionNs, long firstNs) {}

  private WindowSearch(QueueFile file, long fromNs, long toNs) throws IOException {
    this.file = file;
    this.fromNs = fromNs == Long.MIN_VALUE ? fromNs : fromNs - TOLERANCE_NS;
    this.toNs = toNs == Long.MAX_VALUE ? toNs : toNs + TOLERANCE_NS;
    header = new DocumentHeader(file.buffer());
    index = QueueIndex.positions(file);
  }

  /**
   * The parts, in order and apart from each other.
   *
   * @param fromNs where the range begins, {@link Long#MIN_VALUE} for everything before
   * @param toNs where it ends, {@link Long#MAX_VALUE} for everything behind
   * @param end the part to search ends there
   */
  static List<Part> parts(QueueFile file, long fromNs, long toNs, long end) throws IOException {
    if (fromNs == Long.MIN_VALUE && toNs == Long.MAX_VALUE) {
      return List.of(new Part(0, end));
    }
    return new WindowSearch(file, fromNs, toNs).parts(end);
  }

  /** Whether a file that should hold later frames by its name holds some of before a time too. */
  static boolean holdsBefore(QueueFile file, long toNs) throws IOException {
    DocumentHeader header = new DocumentHeader(file.buffer());
    Sample first = sample(file, header, 0, 0);
    long last = QueueIndex.writePosition(file);
    return first == null
        || first.firstNs < toNs
        || !isDocument(file, header, last)
        || header.firstNs() < toNs;
  }

  private List<Part> parts(long end) throws IOException {
    List<Sample> samples = new ArrayList<>();
    int stride = Math.max(1, index.length / SAMPLES);
    for (int entry = 0; entry < index.length; entry += stride) {
      Sample sample = sample(entry);
      if (sample != null) {
        samples.add(sample);
      }
    }
    List<Part> parts = new ArrayList<>();
    if (samples.isEmpty() || samples.getFirst().entry != 0) {
      add(parts, 0, samples.isEmpty() ? end : samples.getFirst().position);
    }
    for (int i = 0; i < samples.size(); i++) {
      Sample from = samples.get(i);
      Sample to = i + 1 < samples.size() ? samples.get(i + 1) : null;
      if (isSteady(from, to)) {
        if (from.firstNs < toNs && (to == null || to.firstNs >= fromNs)) {
          int last = to == null ? index.length : to.entry;
          add(parts, startIn(from, last), endIn(from.entry, last, to == null ? end : to.position));
        }
      } else {
        add(parts, from.position, to == null ? end : to.position);
      }
    }
    return parts;
  }

  private static boolean isSteady(Sample from, @Nullable Sample to) {
    return to == null
        || (from.sessionNs == to.sessionNs && to.firstNs >= from.firstNs - TOLERANCE_NS);
  }

  private static void add(List<Part> parts, long start, long end) {
    if (!parts.isEmpty() && parts.getLast().end >= start) {
      parts.add(new Part(parts.removeLast().start, end));
    } else if (start < end) {
      parts.add(new Part(start, end));
    }
  }

  /** The position of the last entry, of those from a sample to {@code last}, before the range. */
  private long startIn(Sample from, int last) throws IOException {
    int low = from.entry;
    long position = from.position;
    int high = last;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      Sample sample = sample(middle);
      if (sample == null) {
        break;
      }
      if (sample.firstNs < fromNs) {
        low = middle;
        position = sample.position;
      } else {
        high = middle;
      }
    }
    return position;
  }

  /** The position of the first entry behind the range, of those between two, or the end given. */
  private long endIn(int first, int last, long end) throws IOException {
    int low = first;
    int high = last;
    long position = end;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      Sample sample = sample(middle);
      if (sample == null) {
        break;
      }
      if (sample.firstNs >= toNs) {
        high = middle;
        position = sample.position;
      } else {
        low = middle;
      }
    }
    return position;
  }

  private @Nullable Sample sample(int entry) throws IOException {
    return sample(file, header, entry, index[entry]);
  }

  /**
   * The time of the first frames document at or shortly behind a position; null if there is none.
   */
  private static @Nullable Sample sample(
      QueueFile file, DocumentHeader header, int entry, long start) throws IOException {
    long position = start;
    for (int i = 0; i < NEIGHBOURS; i++) {
      int word = file.word(position);
      if (!QueueFile.isComplete(word)) {
        break;
      }
      if (!QueueFile.isMetaData(word)) {
        if (!isDocument(file, header, position)) {
          break;
        }
        if (header.type() == JournalFormat.TYPE_FRAMES) {
          return new Sample(entry, start, header.sessionNs(), header.firstNs());
        }
      }
      position = QueueFile.behind(position, QueueFile.lengthBytes(word));
    }
    return null;
  }

  private static boolean isDocument(QueueFile file, DocumentHeader header, long position)
      throws IOException {
    int word = file.word(position);
    int at = file.load(position + QueueFile.WORD_BYTES, JournalFormat.HEADER_BYTES);
    if (at == QueueFile.ABSENT || !QueueFile.isComplete(word) || QueueFile.isMetaData(word)) {
      return false;
    }
    header.wrap(file.buffer(), at);
    return header.fault(QueueFile.lengthBytes(word)) == null;
  }
}
