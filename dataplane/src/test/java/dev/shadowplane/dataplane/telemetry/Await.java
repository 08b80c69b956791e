package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for conditions, and what an attachment may leave behind. */
final class Await {
  private static final long LIMIT_NS = 60_000_000_000L;

  private Await() {}

  /** Runs the step until the condition holds. */
  static void until(final String what, final Runnable step, final BooleanSupplier condition) {
    final long deadlineNs = System.nanoTime() + LIMIT_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadlineNs > 0) {
        throw new AssertionError("waited in vain for: " + what);
      }
      step.run();
      LockSupport.parkNanos(1);
    }
  }

  /** Returns the folders of rings that exist. */
  static List<String> ringFolders(final Path directory) {
    final List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, "control-*")) {
      folders.forEach(folder -> names.add(folder.getFileName().toString()));
    } catch (final IOException e) {
      throw new AssertionError(e);
    }
    return names;
  }

  /** Returns the rings under the directory that this process has mapped. */
  static List<String> mappedRings(final Path directory) {
    try {
      return Files.readAllLines(Path.of("/proc/self/maps")).stream()
          .filter(line -> line.contains(directory.toString()) && line.contains(".ring"))
          .toList();
    } catch (final IOException e) {
      throw new AssertionError(e);
    }
  }
}
