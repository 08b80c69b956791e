package dev.shadowplane.control.api;

import static dev.shadowplane.control.api.TestClient.assertStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.v1.AcknowledgeActionsRequest;
import dev.shadowplane.control.v1.ActionAcknowledgement;
import dev.shadowplane.control.v1.ApplyTemplateRequest;
import dev.shadowplane.control.v1.CompareShadowRequest;
import dev.shadowplane.control.v1.CompareShadowResponse;
import dev.shadowplane.control.v1.DeleteShadowRequest;
import dev.shadowplane.control.v1.DescribeShadowRequest;
import dev.shadowplane.control.v1.ListShadowsRequest;
import dev.shadowplane.control.v1.ProvisioningGrpc;
import dev.shadowplane.control.v1.ProvisioningGrpc.ProvisioningBlockingStub;
import dev.shadowplane.control.v1.ReportStateRequest;
import dev.shadowplane.control.v1.ShadowChange;
import dev.shadowplane.control.v1.ShadowReport;
import dev.shadowplane.control.v1.ShadowsGrpc;
import dev.shadowplane.control.v1.ShadowsGrpc.ShadowsBlockingStub;
import dev.shadowplane.control.v1.WatchActionsRequest;
import dev.shadowplane.control.v1.WatchActionsResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shadows over gRPC, with an orchestrator that does the work. */
@Timeout(60)
class ShadowCallsTest {
  private static final String SHOP =
      """
      version: 1
      network:
        name: shop
        provisioner: external
        subnets: [{ name: front, prefixes: [10.0.0.0/24] }]
        vms: [{ name: web-1, nics: [{ subnet: front, addresses: [10.0.0.5] }] }]
        services: [{ name: web, vms: [web-1], port: 80, command: [/bin/web] }]
      shadow: { name: copy, provisioner: external }
      """;

  @TempDir private Path folder;
  private ControlServer server;
  private ManagedChannel channel;
  private ShadowsBlockingStub shadows;
  private ProvisioningBlockingStub provisioning;

  @BeforeEach
  void start() throws Exception {
    final ControlConfig config =
        new ControlConfig(
            folder.resolve("shm"),
            folder.resolve("state"),
            new Endpoint("127.0.0.1", 0),
            null,
            List.of(),
            null,
            FlowsConfig.DEFAULT,
            List.of(),
            new ShadowsConfig(
                null, folder.resolve("p"), Duration.ofHours(1), Duration.ofMillis(1_500)),
            MonitoringConfig.DEFAULT);
    server = ControlServer.start(config);
    channel = TestClient.channel(server, TestClient.operator(PkiFiles.of(config.state())));
    shadows = ShadowsGrpc.newBlockingStub(channel);
    provisioning = ProvisioningGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  /** Carries out actions in memory until it is cancelled. */
  private final class Orchestrator implements AutoCloseable {
    private final Context.CancellableContext context = Context.current().withCancellation();
    private final Map<String, String> items = new ConcurrentHashMap<>();
    private final Queue<String> ids = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    Orchestrator(final long after, final Predicate<Step> works) {
      thread =
          Thread.ofPlatform().name("orchestrator").start(context.wrap(() -> run(after, works)));
    }

    private void run(final long after, final Predicate<Step> works) {
      try {
        final Iterator<WatchActionsResponse> actions =
            provisioning.watchActions(WatchActionsRequest.newBuilder().setAfter(after).build());
        while (actions.hasNext()) {
          final WatchActionsResponse action = actions.next();
          ids.add(action.getId());
          final Step step = ItemJson.read(action.getStep(), Step.class);
          final boolean done = works.test(step);
          if (done) {
            switch (step) {
              case Step.Put put -> items.put(put.key().toString(), action.getStep());
              case Step.Delete delete -> items.remove(delete.key().toString());
            }
          }
          acknowledge(action.getId(), done ? "" : "no host has room");
        }
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED);
      }
    }

    @Override
    public void close() {
      context.cancel(null);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private int acknowledge(final String id, final String error) {
    return provisioning
        .acknowledgeActions(
            AcknowledgeActionsRequest.newBuilder()
                .addAcknowledgements(ActionAcknowledgement.newBuilder().setId(id).setError(error))
                .build())
        .getKnown();
  }

  @Test
  void hasAnOrchestratorDoTheWork() throws Exception {
    try (Orchestrator orchestrator = new Orchestrator(0, step -> true)) {
      final ShadowReport report = apply(SHOP, false);
      assertThat(report.getProblemsList()).isEmpty();
      assertThat(report.getChangesList())
          .extracting(ShadowChange::getAction, ShadowChange::getWhat, ShadowChange::getProblem)
          .contains(tuple("create", "copy/service/web.web-1", ""));
      assertThat(orchestrator.items)
          .containsOnlyKeys(
              "shop/network/shop",
              "shop/vm/web-1",
              "shop/service/web.web-1",
              "copy/network/copy",
              "copy/vm/web-1",
              "copy/service/web.web-1");
      assertThat(apply(SHOP, false).getChangesList()).isEmpty();
      final String changed = SHOP.replace("/bin/web", "/bin/web2");
      assertThat(apply(changed, true).getChangesCount()).isEqualTo(2);
      assertThat(apply(changed, false).getChanges(0).getDifferencesList())
          .containsExactly("command lacks /bin/web", "command has /bin/web2 added");
      assertThat(orchestrator.items.get("copy/service/web.web-1")).contains("/bin/web2");
      final ShadowReport deleted =
          shadows
              .deleteShadow(DeleteShadowRequest.newBuilder().setName("copy").build())
              .getReport();
      assertThat(deleted.getChangesList())
          .extracting(ShadowChange::getAction)
          .containsOnly("delete");
      assertThat(orchestrator.items.keySet()).allMatch(item -> item.startsWith("shop/"));
      shadows.deleteShadow(DeleteShadowRequest.newBuilder().setName("shop").build());
      assertThat(orchestrator.items).isEmpty();
      assertThat(shadows.listShadows(ListShadowsRequest.getDefaultInstance()).getShadowsList())
          .isEmpty();
      assertThat(orchestrator.ids).doesNotHaveDuplicates();
    }
  }

  @Test
  void asksAgainWithTheSameIdAfterSilenceAndAfterFailure() throws Exception {
    final ShadowReport silent = apply(SHOP, false);
    assertThat(silent.getChanges(0).getProblem())
        .contains("has acknowledged nothing for 1.5 s", "see whether it runs");
    assertThat(silent.getChanges(1).getProblem())
        .isEqualTo("it needs shop/network/shop, which failed");
    final List<String> failed;
    try (Orchestrator orchestrator =
        new Orchestrator(0, step -> !step.key().name().equals("web-1"))) {
      TestClient.until(() ->
          orchestrator.ids.stream().filter(id -> id.startsWith("shop/vm/web-1@")).count() >= 2);
      failed = List.copyOf(orchestrator.ids);
    }
    assertThat(failed.stream().filter(id -> id.startsWith("shop/vm/web-1@")).distinct()).hasSize(1);
    assertThat(acknowledge("shop/vm/nobody@0", "")).isZero();
    try (Orchestrator orchestrator = new Orchestrator(0, step -> true)) {
      TestClient.until(() ->
          shadows
              .listShadows(ListShadowsRequest.getDefaultInstance())
              .getShadows(0)
              .getState()
              .equals("ready"));
      assertThat(orchestrator.items).containsKey("copy/vm/web-1");
    }
  }

  @Test
  void putsRightWhatTheOrchestratorReports() throws Exception {
    try (Orchestrator orchestrator = new Orchestrator(0, step -> true)) {
      apply(SHOP, false);
      orchestrator.ids.clear();
      final Step.Put put =
          (Step.Put)
              ItemJson.read(
                  Objects.requireNonNull(orchestrator.items.get("shop/vm/web-1")), Step.class);
      final Observed changed =
          new Observed(put.key(), null, List.of("address 10.0.0.5/24 is missing"), true);
      provisioning.reportState(
          ReportStateRequest.newBuilder()
              .setNetwork("shop")
              .addObserved(ItemJson.write(changed))
              .build());
      TestClient.until(() -> !orchestrator.ids.isEmpty());
      TestClient.until(
          () -> compare().getEventsCount() > 0 && compare().getDifferencesCount() == 0);
      assertThat(compare().getEvents(0).getSentencesList())
          .containsExactly("shop/vm/web-1: address 10.0.0.5/24 is missing");
      assertThat(orchestrator.ids).singleElement().asString().startsWith("shop/vm/web-1@");
      for (final String hostile :
          List.of(
              "{}",
              "[",
              ItemJson.write(changed).replace("\"shop\"", "\"other\""),
              ItemJson.write(changed).replace("web-1", "../web"))) {
        assertStatus(
            () ->
                provisioning.reportState(
                    ReportStateRequest.newBuilder()
                        .setNetwork("shop")
                        .addObserved(hostile)
                        .build()),
            Status.Code.INVALID_ARGUMENT,
            "");
      }
    }
  }

  @Test
  void namesEveryProblemOfATemplateAndTakesLongOnes() {
    assertStatus(
        () ->
            apply(
                "version: 1\nnetwork: { name: A B, subnets: [{ name: x, prefixes: [1] }] }", false),
        Status.Code.INVALID_ARGUMENT,
        "shop.yaml:2");
    final String comment = ("# " + "x".repeat(100) + "\n").repeat(100_000);
    assertThat(apply(comment + SHOP, true).getChangesCount()).isEqualTo(6);
    assertStatus(
        () -> apply("# " + "x".repeat(50 << 20), true), Status.Code.RESOURCE_EXHAUSTED, "");
    assertStatus(
        () -> shadows.describeShadow(DescribeShadowRequest.newBuilder().setName("x").build()),
        Status.Code.NOT_FOUND,
        "there is no network or shadow x");
    assertThat(shadows.listShadows(ListShadowsRequest.getDefaultInstance()).getShadowsList())
        .isEmpty();
  }

  private CompareShadowResponse compare() {
    return shadows.compareShadow(CompareShadowRequest.newBuilder().setName("copy").build());
  }

  private ShadowReport apply(final String template, final boolean dryRun) {
    return shadows
        .applyTemplate(
            ApplyTemplateRequest.newBuilder()
                .setTemplate(template)
                .setSource("shop.yaml")
                .setDryRun(dryRun)
                .build())
        .getReport();
  }
}
