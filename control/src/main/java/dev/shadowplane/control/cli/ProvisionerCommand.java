package dev.shadowplane.control.cli;

import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.netns.NetnsConfig;
import dev.shadowplane.control.provision.netns.NetnsDriver;
import dev.shadowplane.control.provision.wire.ProvisionerServer;
import dev.shadowplane.dataplane.file.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the provisioner until it is told to end. */
@Command(
    name = "provisioner",
    description = {
      "Runs the provisioner: makes networks of namespaces of this host, for control. It takes root, and listens on nothing"
          + " but a Unix socket.",
      "It prints 'shadowplane provisioner ready' when it listens, and ends on SIGTERM or SIGINT. What it has made stays, and"
          + " is taken over when it starts again."
    })
final class ProvisionerCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "/etc/shadowplane/provisioner.yaml",
      description =
          "YAML with the keys directory (what it keeps, logs and reports), socket, users and group (who may ask), uid-range"
              + " (users of services), journal-groups (of agents) and start-timeout. Default: ${DEFAULT-VALUE}")
  private Path config;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    final @Nullable String scripts = System.getProperty("shadowplane.scripts");
    if (scripts == null) {
      throw CommandFailure.input("start it as 'scripts/shadowplane provisioner'");
    }
    final NetnsConfig settings = NetnsConfig.load(config, Path.of(scripts).toRealPath());
    if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      throw CommandFailure.input("the provisioner makes namespaces: run it as root");
    }
    Files.createDirectories(settings.directory());
    final LockFile lock = LockFile.createAndTryLock(settings.directory().resolve("_lock"));
    if (lock == null) {
      throw CommandFailure.job(
          settings.directory() + " is another provisioner's, which runs: end it, or name another");
    }
    final Termination termination = new Termination();
    try (lock;
        NetnsDriver driver = new NetnsDriver(settings);
        ProvisionerServer _ = listen(driver, settings)) {
      spec.commandLine().getOut().println("shadowplane: control groups " + driver.cgroupVersion());
      spec.commandLine().getOut().println("shadowplane provisioner ready");
      spec.commandLine().getOut().flush();
      termination.await();
    } catch (ProvisionException e) {
      throw CommandFailure.job(String.valueOf(e.getMessage()));
    }
    termination.done();
    return 0;
  }

  private static ProvisionerServer listen(final NetnsDriver driver, final NetnsConfig settings)
      throws CommandFailure {
    final Path socket = settings.socket();
    try {
      final Path folder = socket.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      return new ProvisionerServer(driver, socket, settings.users(), settings.group());
    } catch (IOException e) {
      throw CommandFailure.job("cannot listen at " + socket + ": " + e);
    }
  }
}
