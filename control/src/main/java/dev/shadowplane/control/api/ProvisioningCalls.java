package dev.shadowplane.control.api;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.model.Names;
import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.external.Acknowledgement;
import dev.shadowplane.control.provision.external.Action;
import dev.shadowplane.control.provision.external.ExternalProvisioner;
import dev.shadowplane.control.v1.AcknowledgeActionsRequest;
import dev.shadowplane.control.v1.AcknowledgeActionsResponse;
import dev.shadowplane.control.v1.ActionAcknowledgement;
import dev.shadowplane.control.v1.ProvisioningGrpc;
import dev.shadowplane.control.v1.ReportStateRequest;
import dev.shadowplane.control.v1.ReportStateResponse;
import dev.shadowplane.control.v1.WatchActionsRequest;
import dev.shadowplane.control.v1.WatchActionsResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/** The calls of orchestrators, whose words are checked before the provisioner hears them. */
final class ProvisioningCalls extends ProvisioningGrpc.ProvisioningImplBase {
  private static final int MAX_STREAMS = 16;
  private static final int MAX_ACKNOWLEDGEMENTS = 10_000;
  private static final int MAX_ITEMS = 20_000;
  private static final int MAX_DEVIATIONS = 50;
  private static final int MAX_SENTENCE = 1_000;

  private final ExternalProvisioner provisioner;
  private final Semaphore streams = new Semaphore(MAX_STREAMS);

  ProvisioningCalls(final ExternalProvisioner provisioner) {
    this.provisioner = provisioner;
  }

  @Override
  public void watchActions(
      final WatchActionsRequest request, final StreamObserver<WatchActionsResponse> client) {
    if (!streams.tryAcquire()) {
      client.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription(
                  MAX_STREAMS + " streams of actions are open, the most there may be: close one")
              .asRuntimeException());
      return;
    }
    final ServiceRequestContext context = ServiceRequestContext.current();
    context.clearRequestTimeout();
    new ActionStream(
            provisioner,
            request.getAfter(),
            (ServerCallStreamObserver<WatchActionsResponse>) client,
            context.blockingTaskExecutor(),
            streams::release)
        .start();
  }

  @Override
  public void acknowledgeActions(
      final AcknowledgeActionsRequest request,
      final StreamObserver<AcknowledgeActionsResponse> client) {
    work(
        client,
        () -> {
          if (request.getAcknowledgementsCount() > MAX_ACKNOWLEDGEMENTS) {
            throw Failures.invalid(
                "there are "
                    + request.getAcknowledgementsCount()
                    + " acknowledgements in one call: send at most "
                    + MAX_ACKNOWLEDGEMENTS);
          }
          final List<Acknowledgement> acknowledgements = new ArrayList<>();
          for (final ActionAcknowledgement one : request.getAcknowledgementsList()) {
            check(one.getDeviationsList());
            check(List.of(one.getError()));
            acknowledgements.add(
                new Acknowledgement(one.getId(), one.getError(), one.getDeviationsList()));
          }
          return AcknowledgeActionsResponse.newBuilder()
              .setKnown(provisioner.acknowledge(acknowledgements))
              .build();
        });
  }

  @Override
  public void reportState(
      final ReportStateRequest request, final StreamObserver<ReportStateResponse> client) {
    work(
        client,
        () -> {
          if (!Names.valid(request.getNetwork())) {
            throw Failures.invalid(
                "network '" + request.getNetwork() + "' is no name: name a network");
          }
          if (request.getObservedCount() > MAX_ITEMS) {
            throw Failures.invalid(
                "there are "
                    + request.getObservedCount()
                    + " items in one call: report at most "
                    + MAX_ITEMS);
          }
          final List<Observed> observed = new ArrayList<>();
          for (final String text : request.getObservedList()) {
            observed.add(observed(text));
          }
          provisioner.report(request.getNetwork(), observed, request.getComplete());
          return ReportStateResponse.getDefaultInstance();
        });
  }

  private static Observed observed(final String text) {
    final Observed observed = ItemJson.read(text, Observed.class);
    check(observed.deviations());
    for (final String part : observed.key().name().split("\\.", 2)) {
      if (!Names.valid(part)) {
        throw Failures.invalid(observed.key() + " is no name of an item: see WatchActions");
      }
    }
    if (observed.item() != null && !observed.item().key().equals(observed.key())) {
      throw Failures.invalid(
          observed.key() + " is reported with the item " + observed.item().key());
    }
    return observed;
  }

  private static void check(final List<String> sentences) {
    if (sentences.size() > MAX_DEVIATIONS
        || sentences.stream().anyMatch(sentence -> sentence.length() > MAX_SENTENCE)) {
      throw Failures.invalid(
          "an item has at most "
              + MAX_DEVIATIONS
              + " deviations of at most "
              + MAX_SENTENCE
              + " characters: sum them up");
    }
  }

  private static <T> void work(
      final StreamObserver<T> client, final java.util.concurrent.Callable<T> call) {
    ServiceRequestContext.current()
        .blockingTaskExecutor()
        .execute(() ->
            UnaryAnswers.attempt(client, () -> CompletableFuture.completedFuture(call.call())));
  }

  /** One orchestrator's actions: no more in memory than the transport takes. */
  private static final class ActionStream {
    private static final int BATCH = 64;

    private final ExternalProvisioner provisioner;
    private final ServerCallStreamObserver<WatchActionsResponse> client;
    private final Executor executor;
    private final Runnable ended;
    private long sent;
    private Runnable unwatch = () -> {};
    private boolean over;

    ActionStream(
        final ExternalProvisioner provisioner,
        final long after,
        final ServerCallStreamObserver<WatchActionsResponse> client,
        final Executor executor,
        final Runnable ended) {
      this.provisioner = provisioner;
      this.sent = after;
      this.client = client;
      this.executor = executor;
      this.ended = ended;
    }

    synchronized void start() {
      unwatch = provisioner.watch(() -> executor.execute(this::send));
      client.setOnCancelHandler(this::end);
      client.setOnReadyHandler(() -> executor.execute(this::send));
      executor.execute(this::send);
    }

    private synchronized void send() {
      while (!over && !client.isCancelled() && client.isReady()) {
        final List<Action> batch = provisioner.actions(sent, BATCH);
        if (batch.isEmpty()) {
          return;
        }
        for (final Action action : batch) {
          client.onNext(
              WatchActionsResponse.newBuilder()
                  .setPosition(action.position())
                  .setId(action.id())
                  .setNetwork(action.step().key().network())
                  .setStep(ItemJson.write(action.step()))
                  .build());
          sent = action.position();
        }
      }
    }

    private synchronized void end() {
      if (!over) {
        over = true;
        unwatch.run();
        ended.run();
      }
    }
  }
}
