package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the process behind a pid still runs. A pid means nothing in another pid namespace
 * (containers), so each side publishes its namespace too and is judged by its heartbeat alone where
 * they differ.
 */
final class Processes {
  private static final long PID = ProcessHandle.current().pid();
  private static final long NAMESPACE = ownNamespace();

  private Processes() {}

  static long pid() {
    return PID;
  }

  /** Returns the inode of this process's pid namespace, 0 when unknown. */
  static long namespace() {
    return NAMESPACE;
  }

  /** Returns whether the process is known to have ended; any long may be asked for. */
  static boolean isGone(final long pid, final long namespace) {
    return namespace == NAMESPACE
        && namespace != 0
        && !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private static long ownNamespace() {
    try {
      final String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
      return Long.parseLong(link.substring(link.indexOf('[') + 1, link.indexOf(']')));
    } catch (final IOException | RuntimeException e) {
      return 0;
    }
  }
}
