package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.ControlConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which control a command talks to. */
final class ControlOption {
  @Option(
      names = "--control-config",
      paramLabel = "FILE",
      defaultValue = "${env:SHADOWPLANE_CONTROL_CONFIG:-/etc/shadowplane/control.yaml}",
      description =
          "The configuration of control, which says where it listens and keeps the operator's certificate. Default:"
              + " $SHADOWPLANE_CONTROL_CONFIG, or /etc/shadowplane/control.yaml.")
  private Path file;

  ControlConfig load() {
    return ControlConfig.load(file);
  }

  /** Opens a connection, which is made with the first call. */
  ControlConnection connect() throws CommandFailure {
    return ControlConnection.open(load());
  }
}
