package dev.shadowplane.control.api;

import dev.shadowplane.control.shadow.ShadowException;
import dev.shadowplane.dataplane.telemetry.AttachmentLostException;
import dev.shadowplane.dataplane.telemetry.Reply;
import dev.shadowplane.dataplane.telemetry.TelemetryException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What went wrong, as the gRPC status that the contract names for it. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static StatusRuntimeException invalid(final String message) {
    return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
  }

  /** The status of a reply that is not OK, with the text of the data plane. */
  static StatusRuntimeException of(final Reply reply) {
    final Status status =
        switch (reply.status()) {
          case INVALID -> Status.INVALID_ARGUMENT;
          case NOT_FOUND -> Status.NOT_FOUND;
          case CONFLICT -> Status.ABORTED;
          case FAILED, OK -> Status.INTERNAL;
        };
    return status.withDescription(reply.text()).asRuntimeException();
  }

  /**
   * The status of an exception. What nobody foresaw is logged, and its details stay on this host.
   */
  static StatusRuntimeException of(final Throwable thrown) {
    return switch (thrown) {
      case CompletionException e when e.getCause() != null -> of(e.getCause());
      case ExecutionException e when e.getCause() != null -> of(e.getCause());
      case StatusRuntimeException e -> e;
      case ShadowException e -> of(e);
      case IllegalArgumentException e -> invalid(String.valueOf(e.getMessage()));
      case AttachmentLostException e -> unavailable(e.getMessage() + "; then try again");
      case TelemetryException e -> unavailable(String.valueOf(e.getMessage()));
      case TimeoutException e ->
          unavailable(
              "the data plane did not answer in time and the outcome is unknown: see 'shadowplane status' and"
                  + " 'shadowplane rule list'");
      case RejectedExecutionException e ->
          Status.RESOURCE_EXHAUSTED
              .withDescription("too many commands wait for the data plane: try again later")
              .asRuntimeException();
      default -> {
        LOG.error("a call failed: {}", thrown.toString(), thrown);
        yield Status.INTERNAL
            .withDescription("control failed unexpectedly: see its log on standard error")
            .asRuntimeException();
      }
    };
  }

  private static StatusRuntimeException of(final ShadowException thrown) {
    final Status status =
        switch (thrown.reason()) {
          case INVALID -> Status.INVALID_ARGUMENT;
          case NOT_FOUND -> Status.NOT_FOUND;
          case TAKEN -> Status.ALREADY_EXISTS;
          case NOT_SET_UP -> Status.FAILED_PRECONDITION;
          case BUSY -> Status.RESOURCE_EXHAUSTED;
        };
    return status.withDescription(thrown.getMessage()).asRuntimeException();
  }

  private static StatusRuntimeException unavailable(final String message) {
    return Status.UNAVAILABLE.withDescription(message).asRuntimeException();
  }
}
