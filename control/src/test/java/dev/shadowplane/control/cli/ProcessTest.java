package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.FakeDataPlane;
import dev.shadowplane.control.api.Json;
import java.io.BufferedReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands as processes of their own. */
@Timeout(120)
class ProcessTest {
  @TempDir private Path folder;

  @Test
  void servesUntilItIsToldToEnd() throws Exception {
    final Path config = folder.resolve("control.yaml");
    final int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        config,
        "{directory: %s, state: %s, listen: '127.0.0.1:%d'}"
            .formatted(folder.resolve("shm"), folder.resolve("state"), port));
    final Process control = start(List.of(), "control", "--config", config.toString());
    try (BufferedReader out = control.inputReader()) {
      assertThat(out.readLine()).isEqualTo("shadowplane control ready");
      final Process status =
          start(List.of(), "status", "--format", "json", "--control-config", config.toString());
      final String answer =
          new String(
              status.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(status.waitFor()).isZero();
      assertThat(Json.object(answer))
          .containsEntry("attached", false)
          .containsEntry("control_pid", control.pid());
      final Process second = start(List.of(), "control", "--config", config.toString());
      assertThat(second.waitFor()).isEqualTo(2);
      assertThat(errors(second))
          .hasSize(1)
          .allMatch(line -> line.contains("another control (process " + control.pid() + ")"));
      // Through the handle: Process.destroy would close the stream that is read below.
      control.toHandle().destroy();
      assertThat(control.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(control.exitValue()).isZero();
      assertThat(out.readLine()).isNull();
      assertThat(errors(control)).isEmpty();
    } finally {
      control.destroyForcibly();
    }
  }

  @Test
  void readsCountersWithNothingOfTheServerLoaded() throws Exception {
    final Path loaded = folder.resolve("classes.log");
    try (FakeDataPlane dataPlane =
        new FakeDataPlane(folder.resolve("shm"), folder.resolve("data"))) {
      final Process stat =
          start(
              List.of("-Xlog:class+load:file=" + loaded),
              "stat",
              "--directory",
              folder.resolve("shm").toString(),
              "--format",
              "json");
      final String answer =
          new String(stat.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(stat.waitFor()).isZero();
      assertThat(Json.object(answer)).containsEntry("epoch", dataPlane.epoch());
    }
    final List<String> classes = Files.readAllLines(loaded);
    assertThat(classes)
        .anyMatch(line -> line.contains(" dev.shadowplane.control.cli.StatCommand "));
    for (final String foreign :
        List.of("com.linecorp.armeria.", "io.netty.", "io.grpc.okhttp.", "net.openhft.")) {
      assertThat(classes.stream().filter(line -> line.contains(" " + foreign))).isEmpty();
    }
  }

  private List<String> errors(final Process process) throws Exception {
    return Files.readAllLines(folder.resolve(process.pid() + ".err"));
  }

  private Process start(final List<String> jvmOptions, final String... arguments) throws Exception {
    final List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option ->
                option.startsWith("--")
                    || option.startsWith("-Dchronicle")
                    || option.startsWith("-Dagrona"))
            .toList());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(jvmOptions);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ShadowplaneCommand.class.getName()));
    command.addAll(List.of(arguments));
    final Path err = Files.createTempFile(folder, "process", ".err");
    final Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
    Files.createLink(folder.resolve(process.pid() + ".err"), err);
    return process;
  }
}
