package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A journal that cannot be opened, or a damaged place in one: names the folder or file and why. */
public final class JournalException extends IOException {
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
  }
}
