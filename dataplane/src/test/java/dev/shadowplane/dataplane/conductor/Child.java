package dev.shadowplane.dataplane.conductor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process of the test's; it does not outlive it. */
final class Child implements AutoCloseable {
  private static final long PATIENCE_NS = 60_000_000_000L;

  private final Process process;
  private final Path output;

  /** Starts a command whose output goes to a file in a folder. */
  Child(Path folder, List<String> command) throws IOException {
    output = Files.createTempFile(folder, "child", ".log");
    final ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    // Where EAL makes its folder; it would otherwise be one that is never removed.
    builder.environment().put("RUNTIME_DIRECTORY", folder.toString());
    process = builder.start();
  }

  /** Starts a program of ours with the flags of this JVM. */
  static Child java(Path folder, Class<?> main, String... arguments) throws IOException {
    final List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-javaagent") && !argument.startsWith("-Xmx"))
        .forEach(command::add);
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new Child(folder, command);
  }

  /** Waits until it has printed a line that contains a text. */
  Child awaitLine(String text) throws IOException {
    final long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (!output().contains(text)) {
      if (!process.isAlive() && !output().contains(text)) {
        throw new AssertionError("ended with " + process.exitValue() + ": " + output());
      }
      if (System.nanoTime() - deadlineNs > 0) {
        throw new AssertionError("waited in vain for " + text + ": " + output());
      }
      LockSupport.parkNanos(5_000_000);
    }
    return this;
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end. */
  int status() throws InterruptedException, IOException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("does not end: " + output());
    }
    return process.exitValue();
  }

  /** Sends SIGTERM, and returns the status that it ends with within some seconds. */
  int terminate(int seconds) throws InterruptedException, IOException {
    process.destroy();
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError("still runs " + seconds + " s after SIGTERM: " + output());
    }
    return process.exitValue();
  }

  /** Sends SIGKILL and waits for the end. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
