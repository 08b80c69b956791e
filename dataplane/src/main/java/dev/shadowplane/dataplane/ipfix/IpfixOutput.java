package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.FlowSink;
import dev.shadowplane.dataplane.analytics.FlowView;

/** Where all flows of a capture go as IPFIX messages. On one thread. */
public interface IpfixOutput extends FlowSink, AutoCloseable {
  /**
   * Writes a flow.
   *
   * @param flow the flow
   * @throws IpfixException when it cannot be written, or one before it was not
   */
  void write(Flow flow);

  /**
   * Writes a flow as it ends.
   *
   * @throws IpfixException when it cannot be written, or one before it was not
   */
  @Override
  default void onFlow(FlowView flow, EndReason reason) {
    write(flow.flow(reason));
  }

  /**
   * Writes what is left.
   *
   * @throws IpfixException when that fails
   */
  void finish();

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

  @Override
  void close();
}
