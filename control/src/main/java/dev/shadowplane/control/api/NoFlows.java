package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import io.grpc.Status;
import java.util.List;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Control without analytics: the records are left in their rings, where the data plane sheds and
 * counts them.
 */
final class NoFlows implements FlowSource, RecordRings<OneToOneRingBuffer> {
  @Override
  public FlowSnapshot top(final int limit, final FlowOrder order) {
    throw Status.FAILED_PRECONDITION
        .withDescription("this control runs without analytics: start one with it")
        .asRuntimeException();
  }

  @Override
  public void attached(final long controlEpoch, final List<OneToOneRingBuffer> ringsByWorker) {}

  @Override
  public void detach() {}

  @Override
  public boolean released() {
    return true;
  }
}
