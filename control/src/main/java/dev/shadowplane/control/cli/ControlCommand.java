package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.ControlConfig;
import dev.shadowplane.control.api.ControlServer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs control until it is told to end. */
@Command(
    name = "control",
    description = {
      "Runs control: the gRPC service and the analytics. It needs no privileges, and serves whether or not a data plane runs.",
      "It prints 'shadowplane control ready' when it listens, and ends on SIGTERM or SIGINT."
    })
final class ControlCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "${env:SHADOWPLANE_CONTROL_CONFIG:-/etc/shadowplane/control.yaml}",
      description =
          "YAML with the keys directory (the mapped files of the data plane), state (a folder of control's own), listen"
              + " (HOST:PORT, default 127.0.0.1:7470) and journal (what to export from).")
  private Path config;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    final ControlServer server = ControlServer.start(ControlConfig.load(config));
    final Termination termination = new Termination();
    spec.commandLine().getOut().println("shadowplane control ready");
    spec.commandLine().getOut().flush();
    termination.await();
    server.close();
    termination.done();
    return 0;
  }
}
