package dev.shadowplane.benchmarks;

import dev.shadowplane.control.api.ControlConfig;
import dev.shadowplane.control.api.ControlServer;
import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.v1.AcknowledgeActionsRequest;
import dev.shadowplane.control.v1.AcknowledgeActionsResponse;
import dev.shadowplane.control.v1.ActionAcknowledgement;
import dev.shadowplane.control.v1.ApplyTemplateRequest;
import dev.shadowplane.control.v1.ProvisioningGrpc;
import dev.shadowplane.control.v1.ShadowReport;
import dev.shadowplane.control.v1.ShadowsGrpc;
import dev.shadowplane.control.v1.ShadowsGrpc.ShadowsBlockingStub;
import dev.shadowplane.control.v1.WatchActionsRequest;
import dev.shadowplane.control.v1.WatchActionsResponse;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How long it takes to apply a template again that has not changed: read, checked and planned anew,
 * and compared with what an orchestrator has acknowledged, through gRPC. Prints the median in
 * milliseconds.
 */
public final class ApplyUnchanged {
  private static final int WARM_UP = 30;
  private static final int MEASURED = 21;
  private static final double NS_PER_MS = 1e6;

  private ApplyUnchanged() {}

  /**
   * Runs it.
   *
   * @param arguments a folder of its own, and how many VMs; half of them in the shadow as well
   */
  public static void main(final String... arguments) throws Exception {
    final Path folder = Path.of(arguments[0]);
    final int vms = Integer.parseInt(arguments[1]);
    final Path file = folder.resolve("control.yaml");
    Files.writeString(
        file,
        "{directory: %s/shm, state: %s/state, listen: '127.0.0.1:0'}".formatted(folder, folder));
    final ControlConfig config = ControlConfig.load(file);
    try (ControlServer server = ControlServer.start(config)) {
      final PkiFiles pki = PkiFiles.of(config.state());
      final ManagedChannel channel =
          OkHttpChannelBuilder.forAddress(
                  "127.0.0.1",
                  server.port(),
                  TlsChannelCredentials.newBuilder()
                      .trustManager(pki.authorityCertificate().toFile())
                      .keyManager(pki.operatorCertificate().toFile(), pki.operatorKey().toFile())
                      .build())
              .build();
      try {
        measure(channel, template(vms));
      } finally {
        channel.shutdownNow();
      }
    }
    System.exit(0);
  }

  private static void measure(final ManagedChannel channel, final String template) {
    final ShadowsBlockingStub shadows = ShadowsGrpc.newBlockingStub(channel);
    final ApplyTemplateRequest request =
        ApplyTemplateRequest.newBuilder().setTemplate(template).build();
    acknowledgeAll(ProvisioningGrpc.newStub(channel));
    final long begun = System.nanoTime();
    final ShadowReport made = shadows.applyTemplate(request).getReport();
    final double makingMs = (System.nanoTime() - begun) / NS_PER_MS;
    if (made.getProblemsCount() > 0) {
      throw new IllegalStateException(made.getProblems(0));
    }
    final double[] times = new double[WARM_UP + MEASURED];
    for (int i = 0; i < times.length; i++) {
      final long start = System.nanoTime();
      final ShadowReport again = shadows.applyTemplate(request).getReport();
      times[i] = (System.nanoTime() - start) / NS_PER_MS;
      if (again.getChangesCount() + again.getProblemsCount() > 0) {
        throw new IllegalStateException("something changed: " + again);
      }
    }
    final double[] measured = Arrays.copyOfRange(times, WARM_UP, times.length);
    Arrays.sort(measured);
    System.err.printf(
        "%d items made and acknowledged in %.0f ms; applied again: the first time %.1f ms, once warm %.1f to %.1f ms%n",
        made.getChangesCount(), makingMs, times[0], measured[0], measured[MEASURED - 1]);
    System.out.printf("%.1f%n", measured[MEASURED / 2]);
  }

  private static void acknowledgeAll(final ProvisioningGrpc.ProvisioningStub orchestrator) {
    orchestrator.watchActions(
        WatchActionsRequest.getDefaultInstance(),
        new Quiet<WatchActionsResponse>() {
          @Override
          public void onNext(final WatchActionsResponse action) {
            orchestrator.acknowledgeActions(
                AcknowledgeActionsRequest.newBuilder()
                    .addAcknowledgements(ActionAcknowledgement.newBuilder().setId(action.getId()))
                    .build(),
                new Quiet<AcknowledgeActionsResponse>());
          }
        });
  }

  /** Everything is looked at in the reports. */
  private static class Quiet<T> implements StreamObserver<T> {
    @Override
    public void onNext(final T message) {}

    @Override
    public void onError(final Throwable thrown) {}

    @Override
    public void onCompleted() {}
  }

  private static String template(final int vms) {
    final StringBuilder text =
        new StringBuilder(
            """
            version: 1
            network:
              name: large
              provisioner: external
              subnets: [{ name: front, prefixes: [10.0.0.0/16] }]
              security-groups:
                - { name: web, ingress: [{ protocol: tcp, ports: 80 }, { protocol: icmp, from: web }] }
              vms:
            """);
    final StringBuilder names = new StringBuilder();
    for (int i = 0; i < vms; i++) {
      text.append(
          "    - { name: vm-%d, nics: [{ subnet: front, addresses: [10.0.%d.%d], security-groups: [web] }] }%n"
              .formatted(i, 1 + i / 250, 1 + i % 250));
      if (i % 2 == 0) {
        names.append(names.isEmpty() ? "" : ", ").append("vm-").append(i);
      }
    }
    return text.append("  services: [{ name: web, vms: [")
        .append(names)
        .append("], port: 80, command: [/bin/web] }]\nshadow: { provisioner: external }\n")
        .toString();
  }
}
