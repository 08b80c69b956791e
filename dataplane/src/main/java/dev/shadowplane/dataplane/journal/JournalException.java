package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A journal that cannot be opened, or a damaged place in one: names the folder or file and why. */
public final class JournalException extends IOException {
  private final transient @Nullable JournalGap gap;

  /**
   * Describes the failure.
   *
   * @param path the folder or file concerned
   * @param reason what is wrong and, where there is one, the remedy
   */
  public JournalException(Path path, String reason) {
    this(path, reason, null);
  }

  /**
   * Describes the failure.
   *
   * @param path the folder or file concerned
   * @param reason what is wrong and, where there is one, the remedy
   * @param cause what brought it to light
   */
  public JournalException(Path path, String reason, @Nullable Throwable cause) {
    super(path + ": " + reason, cause);
    gap = null;
  }

  /**
   * Describes a damaged place.
   *
   * @param gap the place
   */
  public JournalException(JournalGap gap) {
    super(gap.file() + ": " + gap.text());
    this.gap = gap;
  }

  /** The damaged place; null when the failure is another. */
  public @Nullable JournalGap gap() {
    return gap;
  }
}
