package dev.shadowplane.control.api;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.v1.GetReplayRequest;
import dev.shadowplane.control.v1.GetReplayResponse;
import dev.shadowplane.control.v1.ListReplaysRequest;
import dev.shadowplane.control.v1.ListReplaysResponse;
import dev.shadowplane.control.v1.PauseReplayRequest;
import dev.shadowplane.control.v1.PauseReplayResponse;
import dev.shadowplane.control.v1.ReplayStatus;
import dev.shadowplane.control.v1.ReplaysGrpc;
import dev.shadowplane.control.v1.ResumeReplayRequest;
import dev.shadowplane.control.v1.ResumeReplayResponse;
import dev.shadowplane.control.v1.SeekReplayRequest;
import dev.shadowplane.control.v1.SeekReplayResponse;
import dev.shadowplane.control.v1.StartReplayRequest;
import dev.shadowplane.control.v1.StartReplayResponse;
import dev.shadowplane.control.v1.StopReplayRequest;
import dev.shadowplane.control.v1.StopReplayResponse;
import dev.shadowplane.control.v1.WatchReplayRequest;
import dev.shadowplane.control.v1.WatchReplayResponse;
import dev.shadowplane.dataplane.telemetry.CommandType;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** The calls about replays: each is a command of the data plane, which knows all about them. */
final class ReplayCalls extends ReplaysGrpc.ReplaysImplBase {
  private static final int MAX_WATCHES = 256;
  private static final Set<String> OVER = Set.of("finished", "stopped", "failed");

  private final DataPlaneLink dataPlane;
  private final SnapshotStreams watches = new SnapshotStreams("replay watches", MAX_WATCHES);

  ReplayCalls(final DataPlaneLink dataPlane) {
    this.dataPlane = dataPlane;
  }

  @Override
  public void startReplay(
      final StartReplayRequest request, final StreamObserver<StartReplayResponse> client) {
    answer(
        client,
        () -> change(CommandType.REPLAY_START, ReplayObject.write(request)),
        replay -> StartReplayResponse.newBuilder().setReplay(replay).build());
  }

  @Override
  public void pauseReplay(
      final PauseReplayRequest request, final StreamObserver<PauseReplayResponse> client) {
    answer(
        client,
        () -> change(CommandType.REPLAY_PAUSE, Map.of("name", request.getName())),
        replay -> PauseReplayResponse.newBuilder().setReplay(replay).build());
  }

  @Override
  public void resumeReplay(
      final ResumeReplayRequest request, final StreamObserver<ResumeReplayResponse> client) {
    answer(
        client,
        () -> change(CommandType.REPLAY_RESUME, Map.of("name", request.getName())),
        replay -> ResumeReplayResponse.newBuilder().setReplay(replay).build());
  }

  @Override
  public void seekReplay(
      final SeekReplayRequest request, final StreamObserver<SeekReplayResponse> client) {
    answer(
        client,
        () -> change(CommandType.REPLAY_SEEK, ReplayObject.write(request)),
        replay -> SeekReplayResponse.newBuilder().setReplay(replay).build());
  }

  @Override
  public void stopReplay(
      final StopReplayRequest request, final StreamObserver<StopReplayResponse> client) {
    answer(
        client,
        () -> change(CommandType.REPLAY_STOP, Map.of("name", request.getName())),
        replay -> StopReplayResponse.newBuilder().setReplay(replay).build());
  }

  @Override
  public void listReplays(
      final ListReplaysRequest request, final StreamObserver<ListReplaysResponse> client) {
    answer(client, () -> dataPlane.replays(CommandType.REPLAYS_LIST, Map.of()), list -> list);
  }

  @Override
  public void getReplay(
      final GetReplayRequest request, final StreamObserver<GetReplayResponse> client) {
    answer(
        client,
        () -> get(request.getName()),
        replay -> GetReplayResponse.newBuilder().setReplay(replay).build());
  }

  @Override
  public void watchReplay(
      final WatchReplayRequest request, final StreamObserver<WatchReplayResponse> client) {
    try {
      final int interval = SnapshotStreams.intervalMs(request.getIntervalMs());
      final ServiceRequestContext context = ServiceRequestContext.current();
      watches.start(
          () ->
              get(request.getName())
                  .thenApply(replay -> WatchReplayResponse.newBuilder().setReplay(replay).build()),
          last -> OVER.contains(last.getReplay().getState()),
          interval,
          (ServerCallStreamObserver<WatchReplayResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  private CompletableFuture<ReplayStatus> change(
      final CommandType type, final Map<String, Object> body) {
    return dataPlane.replays(type, body).thenApply(list -> list.getReplays(0));
  }

  private CompletableFuture<ReplayStatus> get(final String name) {
    return dataPlane
        .replays(CommandType.REPLAYS_LIST, Map.of())
        .thenApply(list ->
            list.getReplaysList().stream()
                .filter(replay -> replay.getName().equals(name))
                .findFirst()
                .orElseThrow(() ->
                    Status.NOT_FOUND
                        .withDescription("there is no replay " + name)
                        .asRuntimeException()));
  }

  private static <T, R> void answer(
      final StreamObserver<R> client,
      final Supplier<CompletableFuture<T>> call,
      final Function<T, R> message) {
    UnaryAnswers.attempt(client, () -> call.get().thenApply(message));
  }
}
