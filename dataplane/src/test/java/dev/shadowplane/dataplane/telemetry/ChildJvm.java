package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real JVM that runs one class of the tests until it is killed. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final Path output;

  ChildJvm(final Class<?> main, final Path root) {
    final List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--"))
        .forEach(command::add);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), main.getName(), root.toString()));
    try {
      output = Files.createTempFile(root, "child", ".log");
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Throws when the child has ended by itself. */
  void assertRunning() {
    if (!process.isAlive()) {
      throw new AssertionError("child ended with " + process.exitValue() + ": " + output());
    }
  }

  /** Sends SIGKILL, waits for the end and returns all that the child printed. */
  String kill() {
    assertRunning();
    close();
    return output();
  }

  private String output() {
    try {
      return Files.readString(output);
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
