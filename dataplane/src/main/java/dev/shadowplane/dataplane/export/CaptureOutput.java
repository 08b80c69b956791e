package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalReader;
import java.io.Closeable;
import java.io.IOException;
import org.agrona.DirectBuffer;

/** One exported file while it is written. */
interface CaptureOutput extends Closeable {
  /**
   * Writes the reader's frame.
   *
   * @param bytes what is written of it, from index 0 on
   * @param length how many bytes
   */
  void write(JournalReader frame, DirectBuffer bytes, int length) throws IOException;

  /** How long the file is so far. */
  long writtenBytes();

  /** Hands over everything so far. */
  void flush() throws IOException;

  /** Writes what stands at the end. */
  void finish() throws IOException;
}
