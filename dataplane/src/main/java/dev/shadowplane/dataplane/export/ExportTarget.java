package dev.shadowplane.dataplane.export;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** Where an export's files go, one after the other. For one thread. */
public interface ExportTarget extends Closeable {
  /**
   * Begins a file.
   *
   * @param number counted from 1
   * @param firstNs the time of its first frame, since the epoch
   * @return in blocking mode; closed by the caller
   * @throws IOException when it cannot be made
   */
  WritableByteChannel open(int number, long firstNs) throws IOException;

  /**
   * The file opened last is whole, and closed.
   *
   * @throws IOException when it cannot be kept
   */
  void complete() throws IOException;

  /**
   * Leaves nothing of a file that was not completed.
   *
   * @throws IOException when it cannot be removed
   */
  @Override
  void close() throws IOException;
}
