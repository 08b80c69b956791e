package dev.shadowplane.control.api;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.replication.ReplicationReports;
import dev.shadowplane.control.replication.ReplicationReports.Named;
import dev.shadowplane.control.v1.GetReplicationRequest;
import dev.shadowplane.control.v1.GetReplicationResponse;
import dev.shadowplane.control.v1.ListReplicationsRequest;
import dev.shadowplane.control.v1.ListReplicationsResponse;
import dev.shadowplane.control.v1.ReplicationGrpc;
import dev.shadowplane.control.v1.ReplicationStatus;
import dev.shadowplane.control.v1.WatchReplicationRequest;
import dev.shadowplane.control.v1.WatchReplicationResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.SystemEpochNanoClock;

/** The calls about replications: they read what the agents report. */
final class ReplicationCalls extends ReplicationGrpc.ReplicationImplBase {
  /** After this long without a report nobody brings over any more. */
  static final long SILENCE_NS = 10_000_000_000L;

  private final ReplicationReports reports;
  private final EpochNanoClock clock = new SystemEpochNanoClock();
  private final SnapshotStreams watches = new SnapshotStreams("watches of replications");

  /** With the folder of the netns provisioner, in which the agents' reports are. */
  ReplicationCalls(final Path folder) {
    this.reports = new ReplicationReports(folder);
  }

  @Override
  public void listReplications(
      final ListReplicationsRequest request,
      final StreamObserver<ListReplicationsResponse> client) {
    UnaryAnswers.attempt(
        client,
        () ->
            read(
                () -> {
                  final ListReplicationsResponse.Builder list =
                      ListReplicationsResponse.newBuilder();
                  reports
                      .all(request.getShadow())
                      .forEach(each -> list.addReplications(message(each)));
                  return list.build();
                },
                blocking()));
  }

  @Override
  public void getReplication(
      final GetReplicationRequest request, final StreamObserver<GetReplicationResponse> client) {
    UnaryAnswers.attempt(
        client,
        () ->
            read(
                () ->
                    GetReplicationResponse.newBuilder()
                        .setReplication(one(request.getShadow(), request.getName()))
                        .build(),
                blocking()));
  }

  @Override
  public void watchReplication(
      final WatchReplicationRequest request,
      final StreamObserver<WatchReplicationResponse> client) {
    try {
      final int interval = SnapshotStreams.intervalMs(request.getIntervalMs());
      final ServiceRequestContext context = ServiceRequestContext.current();
      watches.start(
          () ->
              read(
                  () ->
                      WatchReplicationResponse.newBuilder()
                          .setReplication(one(request.getShadow(), request.getName()))
                          .build(),
                  context.blockingTaskExecutor()),
          interval,
          (ServerCallStreamObserver<WatchReplicationResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  /** Reads files on a thread that may block. */
  private static <T> CompletableFuture<T> read(final Callable<T> call, final Executor blocking) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return call.call();
          } catch (IOException e) {
            throw Status.INTERNAL
                .withDescription("the reports cannot be read (" + e + "): check their permissions")
                .asRuntimeException();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        blocking);
  }

  private static Executor blocking() {
    return ServiceRequestContext.current().blockingTaskExecutor();
  }

  private ReplicationStatus one(final String shadow, final String name) throws IOException {
    final Named found = reports.one(shadow, name);
    if (found == null) {
      throw Status.NOT_FOUND
          .withDescription("nothing named " + name + " is brought into a shadow " + shadow)
          .asRuntimeException();
    }
    return message(found);
  }

  private ReplicationStatus message(final Named report) {
    final dev.shadowplane.control.replication.ReplicationStatus status = report.status();
    final boolean lost = clock.nanoTime() - status.timeNs() > SILENCE_NS;
    return ReplicationStatus.newBuilder()
        .setShadow(report.shadow())
        .setName(report.name())
        .setService(status.service())
        .setSource(status.source())
        .setMode(status.mode())
        .setState(lost ? "lost" : status.state())
        .setReason(
            lost ? "nobody has reported for ten seconds: see the provisioner" : status.reason())
        .setTimeNs(status.timeNs())
        .setVersion(status.version())
        .setChanges(status.changes())
        .setBytes(status.bytes())
        .setBehind(status.behind())
        .setLagNs(status.lagNs())
        .setP50Ns(status.p50Ns())
        .setP99Ns(status.p99Ns())
        .setMaxNs(status.maxNs())
        .setMeasured(status.measured())
        .setResyncs(status.resyncs())
        .setOverflows(status.overflows())
        .addAllFailures(status.failures())
        .setFailing(status.failing())
        .addAllRefusals(status.refusals())
        .setRefused(status.refused())
        .setBarrier(status.barrier())
        .build();
  }
}
