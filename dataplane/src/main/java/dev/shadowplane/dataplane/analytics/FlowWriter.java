package dev.shadowplane.dataplane.analytics;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes flows one by one, keeping none. */
public interface FlowWriter extends FlowSink, Closeable {
  /**
   * Writes one flow.
   *
   * @param flow the flow
   * @throws IOException when it cannot be written
   */
  void write(Flow flow) throws IOException;

  /**
   * Writes a flow as it ends.
   *
   * @throws UncheckedIOException when it cannot be written
   */
  @Override
  default void onFlow(FlowView flow, EndReason reason) {
    try {
      write(flow.flow(reason));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Ends the form and flushes; what it was written to stays open.
   *
   * @throws IOException when it cannot be written
   */
  @Override
  void close() throws IOException;
}
