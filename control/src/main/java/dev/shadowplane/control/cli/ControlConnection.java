package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.ControlConfig;
import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.v1.AnalyticsGrpc;
import dev.shadowplane.control.v1.AnalyticsGrpc.AnalyticsBlockingStub;
import dev.shadowplane.control.v1.MonitoringGrpc;
import dev.shadowplane.control.v1.MonitoringGrpc.MonitoringBlockingStub;
import dev.shadowplane.control.v1.ReplaysGrpc;
import dev.shadowplane.control.v1.ReplaysGrpc.ReplaysBlockingStub;
import dev.shadowplane.control.v1.ReplicationGrpc;
import dev.shadowplane.control.v1.ReplicationGrpc.ReplicationBlockingStub;
import dev.shadowplane.control.v1.SessionsGrpc;
import dev.shadowplane.control.v1.SessionsGrpc.SessionsBlockingStub;
import dev.shadowplane.control.v1.ShadowplaneGrpc;
import dev.shadowplane.control.v1.ShadowplaneGrpc.ShadowplaneBlockingStub;
import dev.shadowplane.control.v1.ShadowsGrpc;
import dev.shadowplane.control.v1.ShadowsGrpc.ShadowsBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A connection to control with the local operator's certificate. Statuses become failures of the
 * command.
 */
final class ControlConnection implements AutoCloseable {
  /** More than the rules and counters of a host take. */
  private static final int MAX_REPLY_BYTES = 64 << 20;

  /** More than what is said of everything that is wrong with a template. */
  private static final int MAX_PROBLEM_BYTES = 1 << 20;

  private static final long CALL_SECONDS = 45;

  /** What gRPC's transport says of a connection that ends within a call. */
  private static final String CUT_OFF = "End of stream or IOException";

  /**
   * gRPC logs there what the command reports itself; held, because a logger that nobody holds
   * forgets its level.
   */
  private static final Logger GRPC_LOG = Logger.getLogger("io.grpc");

  private final ControlConfig config;
  private final ManagedChannel channel;

  private ControlConnection(final ControlConfig config, final ManagedChannel channel) {
    this.config = config;
    this.channel = channel;
  }

  static ControlConnection open(final ControlConfig config) throws CommandFailure {
    GRPC_LOG.setLevel(Level.OFF);
    final PkiFiles pki = PkiFiles.of(config.state());
    for (final Path file :
        List.of(pki.authorityCertificate(), pki.operatorCertificate(), pki.operatorKey())) {
      if (!Files.isReadable(file)) {
        throw CommandFailure.job(
            file + " cannot be read: start control once, and run this as its user or as root");
      }
    }
    try {
      return new ControlConnection(
          config,
          OkHttpChannelBuilder.forAddress(
                  config.listen().clientHost(),
                  config.listen().port(),
                  TlsChannelCredentials.newBuilder()
                      .trustManager(pki.authorityCertificate().toFile())
                      .keyManager(pki.operatorCertificate().toFile(), pki.operatorKey().toFile())
                      .build())
              .proxyDetector(address -> null)
              .disableServiceConfigLookUp()
              .maxInboundMessageSize(MAX_REPLY_BYTES)
              .maxInboundMetadataSize(MAX_PROBLEM_BYTES)
              .build());
    } catch (IOException | IllegalArgumentException e) {
      throw CommandFailure.job(
          "the certificates in "
              + pki.directory()
              + " cannot be used ("
              + e.getMessage()
              + "): restart control, which replaces damaged ones");
    }
  }

  /** Makes one call with a deadline. */
  <T> T call(final Function<ShadowplaneBlockingStub, T> call) throws CommandFailure {
    return guarded(() ->
        call.apply(
            ShadowplaneGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)));
  }

  /** Makes one call about flows and their sums with a deadline. */
  <T> T callAnalytics(final Function<AnalyticsBlockingStub, T> call) throws CommandFailure {
    return guarded(() ->
        call.apply(
            AnalyticsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)));
  }

  /** Runs a stream about flows and their sums, which has no deadline. */
  void streamAnalytics(final AnalyticsStream stream) throws CommandFailure, IOException {
    try {
      stream.run(AnalyticsGrpc.newBlockingStub(channel));
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  /** Makes one call about replays with a deadline. */
  <T> T callReplays(final Function<ReplaysBlockingStub, T> call) throws CommandFailure {
    return guarded(() ->
        call.apply(
            ReplaysGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)));
  }

  /** Reads a stream about replays, which has no deadline; hands each message over. */
  <T> void streamReplays(
      final Function<ReplaysBlockingStub, Iterator<T>> call, final Consumer<T> each)
      throws CommandFailure {
    try {
      call.apply(ReplaysGrpc.newBlockingStub(channel)).forEachRemaining(each);
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  /** Makes one call about driven sessions with a deadline. */
  <T> T callSessions(final Function<SessionsBlockingStub, T> call) throws CommandFailure {
    return guarded(() ->
        call.apply(
            SessionsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)));
  }

  /** Reads a stream about driven sessions, which has no deadline; hands each message over. */
  <T> void streamSessions(
      final Function<SessionsBlockingStub, Iterator<T>> call, final Consumer<T> each)
      throws CommandFailure {
    try {
      call.apply(SessionsGrpc.newBlockingStub(channel)).forEachRemaining(each);
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  /** Makes one call about shadows with a deadline. */
  <T> T callShadows(final Function<ShadowsBlockingStub, T> call) throws CommandFailure {
    return guarded(() ->
        call.apply(
            ShadowsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)));
  }

  /** Makes one call that changes shadows, which takes as long as provisioners need. */
  <T> T operateShadows(final Function<ShadowsBlockingStub, T> call) throws CommandFailure {
    return guarded(() -> call.apply(ShadowsGrpc.newBlockingStub(channel)));
  }

  /** Makes one call about series with a deadline. */
  <T> T callMonitoring(final Function<MonitoringBlockingStub, T> call) throws CommandFailure {
    return guarded(() ->
        call.apply(
            MonitoringGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)));
  }

  /** Runs a stream about usage, which has no deadline. */
  void streamMonitoring(final Consumer<MonitoringBlockingStub> stream) throws CommandFailure {
    try {
      stream.accept(MonitoringGrpc.newBlockingStub(channel));
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  /** Makes one call about replications with a deadline. */
  <T> T callReplication(final Function<ReplicationBlockingStub, T> call) throws CommandFailure {
    return guarded(() ->
        call.apply(
            ReplicationGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)));
  }

  /** Runs a stream, which has no deadline. */
  void stream(final Stream stream) throws CommandFailure, IOException {
    try {
      stream.run(ShadowplaneGrpc.newBlockingStub(channel));
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  private <T> T guarded(final Supplier<T> call) throws CommandFailure {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  private CommandFailure failure(final StatusRuntimeException e) {
    final Status status = e.getStatus();
    final String said =
        status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    if (status.getCode() == Status.Code.UNAVAILABLE
        && (status.getCause() != null || status.getDescription() == null)) {
      return CommandFailure.job(
          "control at "
              + config.listen()
              + " cannot be reached ("
              + reason(status.getCause())
              + "): start it with 'shadowplane control', or name its configuration with"
              + " --control-config");
    }
    if (CUT_OFF.equals(status.getDescription())) {
      return CommandFailure.job(
          "the connection to control at "
              + config.listen()
              + " was lost: see whether it still runs");
    }
    return switch (status.getCode()) {
      case INVALID_ARGUMENT -> CommandFailure.input(said);
      case DEADLINE_EXCEEDED ->
          CommandFailure.job(
              "control at "
                  + config.listen()
                  + " did not answer within "
                  + CALL_SECONDS
                  + " s: see its log on standard error");
      default -> CommandFailure.job(said);
    };
  }

  private static String reason(final @Nullable Throwable thrown) {
    if (thrown == null) {
      return "it closed the connection";
    }
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Something that reads a stream to its end. */
  @FunctionalInterface
  interface Stream {
    void run(ShadowplaneBlockingStub control) throws CommandFailure, IOException;
  }

  /** The same about flows and their sums. */
  @FunctionalInterface
  interface AnalyticsStream {
    void run(AnalyticsBlockingStub control) throws CommandFailure, IOException;
  }
}
