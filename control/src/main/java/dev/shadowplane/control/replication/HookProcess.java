package dev.shadowplane.control.replication;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A running hook: a process in a session of its own, so that all that it starts can be killed with
 * it. What it says on standard error is read, and the last line kept.
 */
final class HookProcess implements AutoCloseable {
  private static final int MAX_LINE = 400;
  private static final long KILL_SECONDS = 10;

  private final String name;
  private final Process process;
  private final Thread listener;
  private volatile String lastError = "";

  /**
   * Starts a hook.
   *
   * @param hook the executable.
   * @param arguments for it.
   * @param environment variables beside those of this process.
   */
  HookProcess(final Path hook, final List<String> arguments, final Map<String, String> environment)
      throws IOException {
    name = String.valueOf(hook.getFileName());
    // Not a group leader, as a child of this process: it stays this process and leads the session.
    final List<String> command = new ArrayList<>(List.of("setsid", hook.toString()));
    command.addAll(arguments);
    final ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    process = builder.start();
    listener = Thread.ofPlatform().daemon().name("hook-" + name + "-errors").start(this::listen);
  }

  private void listen() {
    try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
      final StringBuilder line = new StringBuilder();
      for (int c = errors.read(); c >= 0; c = errors.read()) {
        if (c != '\n') {
          if (line.length() < MAX_LINE) {
            line.append((char) c);
          }
        } else if (!line.isEmpty()) {
          lastError = line.toString();
          line.setLength(0);
        }
      }
      if (!line.isEmpty()) {
        lastError = line.toString();
      }
    } catch (IOException e) {
      return; // It was killed.
    }
  }

  String name() {
    return name;
  }

  InputStream output() {
    return process.getInputStream();
  }

  OutputStream input() {
    return process.getOutputStream();
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** Whether it ends within some time. */
  boolean ends(final long waitMs) throws InterruptedException {
    return process.waitFor(waitMs, TimeUnit.MILLISECONDS);
  }

  /** Waits for the end. */
  int exitStatus() throws InterruptedException {
    final int status = process.waitFor();
    listener.join();
    return status;
  }

  /** What it did, for people: its exit status and the last it said. */
  String outcome() throws InterruptedException {
    final int status = exitStatus();
    return name + " ended with status " + status + (lastError.isEmpty() ? "" : ": " + lastError);
  }

  /** Kills it with all that it started, and waits until it is gone. */
  @Override
  public void close() {
    try {
      // Its group outlives it as long as anything of it runs.
      new ProcessBuilder("/bin/sh", "-c", "kill -s KILL -- \"-$0\"", Long.toString(process.pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(KILL_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      process.waitFor(KILL_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
