package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs programs of the system: iproute2, nftables and the like. No shell sees what they are given.
 */
final class Commands {
  /** Where they are looked for. */
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** The longest that one may take. */
  static final long DEADLINE_MS = 10_000;

  private static final int MAX_OUTPUT_BYTES = 16 << 20;
  private static final Executor IO = task -> Thread.ofVirtual().name("command").start(task);

  private final long deadlineMs;

  Commands() {
    this(DEADLINE_MS);
  }

  Commands(final long deadlineMs) {
    this.deadlineMs = deadlineMs;
  }

  /** How one ended: its exit status, what it printed, and its last words on standard error. */
  record Result(int status, String output, String complaint) {}

  /** Runs one that has to succeed, and returns what it printed. */
  String run(final String input, final String... command) throws ProvisionException {
    final Result result = attempt(input, List.of(command));
    if (result.status() != 0) {
      throw new ProvisionException(
          summary(command) + " failed (status " + result.status() + "): " + result.complaint());
    }
    return result.output();
  }

  /** Runs one in a namespace. */
  String runIn(final String namespace, final String input, final String... command)
      throws ProvisionException {
    return run(input, inNamespace(namespace, command));
  }

  /** Gives a namespace lines of {@code ip}; with none, nothing is run. */
  void ip(final String namespace, final List<String> lines) throws ProvisionException {
    if (!lines.isEmpty()) {
      run(lines(lines), "ip", "-n", namespace, "-batch", "-");
    }
  }

  /** Gives a namespace lines of {@code ip} that may fail one by one. */
  void ipLoosely(final String namespace, final String family, final List<String> lines)
      throws ProvisionException {
    if (!lines.isEmpty()) {
      attempt(lines(lines), List.of("ip", family, "-n", namespace, "-force", "-batch", "-"));
    }
  }

  static String lines(final List<String> lines) {
    return String.join("\n", lines) + "\n";
  }

  static String[] inNamespace(final String namespace, final String... command) {
    final List<String> all = new ArrayList<>();
    // Unlike ip netns exec, it mounts nothing.
    all.add("nsenter");
    all.add("--net=" + Layout.namespaceFile(namespace));
    all.add("--");
    all.addAll(Arrays.asList(command));
    return all.toArray(String[]::new);
  }

  private static String summary(final String... command) {
    return Arrays.stream(command)
        .filter(word -> !word.startsWith("-") && word.length() < 40)
        .limit(3)
        .reduce((a, b) -> a + " " + b)
        .orElse("?");
  }

  /** Runs one, whatever comes of it. */
  Result attempt(final String input, final List<String> command) throws ProvisionException {
    final ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", PATH);
    builder.environment().put("LC_ALL", "C.UTF-8");
    final Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ProvisionException(
          command.getFirst() + " cannot be started: install it (scripts/install.sh run)", e);
    }
    final CompletableFuture<String> output = read(process.getInputStream());
    final CompletableFuture<String> complaint = read(process.getErrorStream());
    IO.execute(() -> write(process.getOutputStream(), input));
    try {
      if (!process.waitFor(deadlineMs, TimeUnit.MILLISECONDS)) {
        throw new ProvisionException(
            summary(command.toArray(String[]::new))
                + " did not end within "
                + deadlineMs
                + " ms and was killed: look at the load of this host");
      }
      return new Result(
          process.exitValue(),
          output.get(deadlineMs, TimeUnit.MILLISECONDS),
          lastLine(complaint.get(deadlineMs, TimeUnit.MILLISECONDS)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProvisionException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new ProvisionException(command.getFirst() + " cannot be read from: " + e, e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static CompletableFuture<String> read(final InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readNBytes(MAX_OUTPUT_BYTES), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return "";
          }
        },
        IO);
  }

  private static void write(final OutputStream stream, final String input) {
    try (stream) {
      stream.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It has ended without reading all: its exit status says more.
    }
  }

  private static String lastLine(final String text) {
    final String[] lines = text.strip().split("\n", -1);
    // nft shows the line and a caret under it: what is wrong is in the first line.
    for (final String line : lines) {
      if (line.contains("rror")) {
        return line.strip();
      }
    }
    return lines[lines.length - 1].strip();
  }
}
