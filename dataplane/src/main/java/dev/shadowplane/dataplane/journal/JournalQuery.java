package dev.shadowplane.dataplane.journal;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to read of a journal.
 *
 * @param folder of the journal
 * @param fromNs the first nanosecond of the time range, since the epoch
 * @param toNs the first nanosecond after it
 * @param keys for a journal that is encrypted
 * @param follow whether the reader goes on with what is written after it was opened; otherwise it
 *     ends with the files as they were then
 */
public record JournalQuery(
    Path folder, long fromNs, long toNs, Optional<JournalKeys> keys, boolean follow) {
  /** All that a journal holds when it is opened. */
  public static JournalQuery of(Path folder) {
    return new JournalQuery(folder, Long.MIN_VALUE, Long.MAX_VALUE, Optional.empty(), false);
  }

  /** The same for another time range: see {@link #fromNs} and {@link #toNs}. */
  public JournalQuery range(long first, long behind) {
    return new JournalQuery(folder, first, behind, keys, follow);
  }

  /** The same with keys. */
  public JournalQuery keys(JournalKeys given) {
    return new JournalQuery(folder, fromNs, toNs, Optional.of(given), follow);
  }

  /**
   * The same with the keys of a file.
   *
   * @param file null where the journal is not encrypted
   * @throws JournalException when it holds no keys, or others may read it
   */
  public JournalQuery keyFile(@Nullable Path file) throws JournalException {
    return file == null ? this : keys(JournalKeys.read(file));
  }

  /** The same, going on with what is written later. */
  public JournalQuery following() {
    return new JournalQuery(folder, fromNs, toNs, keys, true);
  }
}
