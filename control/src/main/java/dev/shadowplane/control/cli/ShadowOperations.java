package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.DeleteShadowRequest;
import dev.shadowplane.control.v1.PauseShadowRequest;
import dev.shadowplane.control.v1.ResizeShadowRequest;
import dev.shadowplane.control.v1.ResumeShadowRequest;
import dev.shadowplane.control.v1.ShadowReport;
import dev.shadowplane.control.v1.ShadowsGrpc.ShadowsBlockingStub;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is done about a shadow that there is. */
abstract class ShadowOperations implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "The shadow, or its network.")
  private String name;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final ShadowOutput output = new ShadowOutput();

  abstract ShadowReport operate(ShadowsBlockingStub stub, String shadow);

  @Override
  public final Integer call() throws Exception {
    try (ControlConnection connection = control.connect()) {
      return output.print(connection.operateShadows(stub -> operate(stub, name)), false);
    }
  }

  /** Ends mirroring. */
  @Command(name = "pause", description = "Ends mirroring to a shadow; the shadow stays.")
  static final class Pause extends ShadowOperations {
    @Override
    ShadowReport operate(final ShadowsBlockingStub stub, final String shadow) {
      return stub.pauseShadow(PauseShadowRequest.newBuilder().setName(shadow).build()).getReport();
    }
  }

  /** Mirrors again. */
  @Command(name = "resume", description = "Mirrors to a shadow again.")
  static final class Resume extends ShadowOperations {
    @Override
    ShadowReport operate(final ShadowsBlockingStub stub, final String shadow) {
      return stub.resumeShadow(ResumeShadowRequest.newBuilder().setName(shadow).build())
          .getReport();
    }
  }

  /** Gives a shadow other shares. */
  @Command(
      name = "resize",
      description =
          "Gives a shadow other shares of what production has; another version of its template.")
  static final class Resize extends ShadowOperations {
    @Option(
        names = "--cpu-factor",
        paramLabel = "F",
        description = "The share of a production VM's processors, above 0, at most 4.")
    private @Nullable Double cpuFactor;

    @Option(
        names = "--memory-factor",
        paramLabel = "F",
        description = "The share of its memory, above 0, at most 4.")
    private @Nullable Double memoryFactor;

    @Option(
        names = "--sampling",
        paramLabel = "PERCENT",
        description = "The share of flows that is mirrored, above 0, at most 100.")
    private @Nullable Double sampling;

    @Override
    ShadowReport operate(final ShadowsBlockingStub stub, final String shadow) {
      final ResizeShadowRequest.Builder request = ResizeShadowRequest.newBuilder().setName(shadow);
      if (cpuFactor != null) {
        request.setCpuFactor(cpuFactor);
      }
      if (memoryFactor != null) {
        request.setMemoryFactor(memoryFactor);
      }
      if (sampling != null) {
        request.setSamplePercent(sampling);
      }
      return stub.resizeShadow(request.build()).getReport();
    }
  }

  /** Removes a shadow, or a network. */
  @Command(
      name = "delete",
      description =
          "Removes a shadow or, under the name of a network that control made, that and its shadow.")
  static final class Delete extends ShadowOperations {
    @Override
    ShadowReport operate(final ShadowsBlockingStub stub, final String shadow) {
      return stub.deleteShadow(DeleteShadowRequest.newBuilder().setName(shadow).build())
          .getReport();
    }
  }
}
