package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.FlowSink;
import dev.shadowplane.dataplane.analytics.FlowView;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Where the flows of a capture go as IPFIX messages. On one thread. */
public interface IpfixOutput extends FlowSink, Closeable {
  /**
   * Writes a flow.
   *
   * @throws UncheckedIOException when it cannot be written
   */
  @Override
  void onFlow(FlowView flow, EndReason reason);

  /**
   * Sends or writes what is left.
   *
   * @throws IOException when that fails
   */
  void finish() throws IOException;

  /**
   * Data records so far.
   *
   * @return how many were sent or written
   */
  long records();

  /**
   * Messages so far.
   *
   * @return how many were sent or written
   */
  long messages();
}
