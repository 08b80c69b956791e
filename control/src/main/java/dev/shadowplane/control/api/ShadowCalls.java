package dev.shadowplane.control.api;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.shadow.Report;
import dev.shadowplane.control.shadow.ShadowManager;
import dev.shadowplane.control.v1.ApplyTemplateRequest;
import dev.shadowplane.control.v1.ApplyTemplateResponse;
import dev.shadowplane.control.v1.CompareShadowRequest;
import dev.shadowplane.control.v1.CompareShadowResponse;
import dev.shadowplane.control.v1.DeleteShadowRequest;
import dev.shadowplane.control.v1.DeleteShadowResponse;
import dev.shadowplane.control.v1.DescribeShadowRequest;
import dev.shadowplane.control.v1.DescribeShadowResponse;
import dev.shadowplane.control.v1.GetTemplateRequest;
import dev.shadowplane.control.v1.GetTemplateResponse;
import dev.shadowplane.control.v1.ListShadowsRequest;
import dev.shadowplane.control.v1.ListShadowsResponse;
import dev.shadowplane.control.v1.ListTemplateVersionsRequest;
import dev.shadowplane.control.v1.ListTemplateVersionsResponse;
import dev.shadowplane.control.v1.PauseShadowRequest;
import dev.shadowplane.control.v1.PauseShadowResponse;
import dev.shadowplane.control.v1.ResizeShadowRequest;
import dev.shadowplane.control.v1.ResizeShadowResponse;
import dev.shadowplane.control.v1.ResumeShadowRequest;
import dev.shadowplane.control.v1.ResumeShadowResponse;
import dev.shadowplane.control.v1.ShadowReport;
import dev.shadowplane.control.v1.ShadowsGrpc;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The calls about shadows: each hands on to the manager, and translates the outcome. */
final class ShadowCalls extends ShadowsGrpc.ShadowsImplBase {
  private final ShadowManager manager;

  ShadowCalls(final ShadowManager manager) {
    this.manager = manager;
  }

  @Override
  public void applyTemplate(
      final ApplyTemplateRequest request, final StreamObserver<ApplyTemplateResponse> client) {
    final String source = request.getSource().isEmpty() ? "template" : request.getSource();
    operate(
        client,
        () -> manager.apply(source, request.getTemplate(), request.getDryRun()),
        report -> ApplyTemplateResponse.newBuilder().setReport(report).build());
  }

  @Override
  public void pauseShadow(
      final PauseShadowRequest request, final StreamObserver<PauseShadowResponse> client) {
    operate(
        client,
        () -> manager.pause(request.getName()),
        report -> PauseShadowResponse.newBuilder().setReport(report).build());
  }

  @Override
  public void resumeShadow(
      final ResumeShadowRequest request, final StreamObserver<ResumeShadowResponse> client) {
    operate(
        client,
        () -> manager.resume(request.getName()),
        report -> ResumeShadowResponse.newBuilder().setReport(report).build());
  }

  @Override
  public void resizeShadow(
      final ResizeShadowRequest request, final StreamObserver<ResizeShadowResponse> client) {
    operate(
        client,
        () ->
            manager.resize(
                request.getName(),
                request.hasCpuFactor() ? request.getCpuFactor() : null,
                request.hasMemoryFactor() ? request.getMemoryFactor() : null,
                request.hasSamplePercent() ? request.getSamplePercent() : null),
        report -> ResizeShadowResponse.newBuilder().setReport(report).build());
  }

  @Override
  public void deleteShadow(
      final DeleteShadowRequest request, final StreamObserver<DeleteShadowResponse> client) {
    operate(
        client,
        () -> manager.delete(request.getName()),
        report -> DeleteShadowResponse.newBuilder().setReport(report).build());
  }

  @Override
  public void listShadows(
      final ListShadowsRequest request, final StreamObserver<ListShadowsResponse> client) {
    look(
        client,
        () -> {
          final ListShadowsResponse.Builder shadows = ListShadowsResponse.newBuilder();
          manager.list().forEach(summary -> shadows.addShadows(ShadowMessages.of(summary)));
          return CompletableFuture.completedFuture(shadows.build());
        });
  }

  @Override
  public void describeShadow(
      final DescribeShadowRequest request, final StreamObserver<DescribeShadowResponse> client) {
    look(client, () -> manager.describe(request.getName()).thenApply(ShadowMessages::of));
  }

  @Override
  public void compareShadow(
      final CompareShadowRequest request, final StreamObserver<CompareShadowResponse> client) {
    look(client, () -> manager.drift(request.getName()).thenApply(ShadowMessages::of));
  }

  @Override
  public void listTemplateVersions(
      final ListTemplateVersionsRequest request,
      final StreamObserver<ListTemplateVersionsResponse> client) {
    look(
        client,
        () -> {
          final ListTemplateVersionsResponse.Builder versions =
              ListTemplateVersionsResponse.newBuilder();
          manager
              .history(request.getName())
              .forEach(version -> versions.addVersions(ShadowMessages.of(version)));
          return CompletableFuture.completedFuture(versions.build());
        });
  }

  @Override
  public void getTemplate(
      final GetTemplateRequest request, final StreamObserver<GetTemplateResponse> client) {
    look(
        client,
        () -> {
          final String name = request.getName();
          final String template =
              switch (request.getVersionCase()) {
                case AT_NS -> manager.templateAt(name, request.getAtNs());
                case REVISION -> manager.templateOf(name, request.getRevision());
                case VERSION_NOT_SET -> manager.templateAt(name, Long.MAX_VALUE);
              };
          return CompletableFuture.completedFuture(
              GetTemplateResponse.newBuilder().setTemplate(template).build());
        });
  }

  /**
   * Operations take as long as provisioners need, which have deadlines of their own; they are begun
   * on another thread, as a template takes a while to read.
   */
  private static <R> void operate(
      final StreamObserver<R> client,
      final Callable<CompletableFuture<Report>> operation,
      final Function<ShadowReport, R> response) {
    final ServiceRequestContext context = ServiceRequestContext.current();
    context.clearRequestTimeout();
    context
        .blockingTaskExecutor()
        .execute(() ->
            UnaryAnswers.attempt(
                client, () -> operation.call().thenApply(ShadowMessages::of).thenApply(response)));
  }

  private static <R> void look(
      final StreamObserver<R> client, final Callable<CompletableFuture<R>> look) {
    ServiceRequestContext.current()
        .blockingTaskExecutor()
        .execute(() -> UnaryAnswers.attempt(client, look));
  }
}
