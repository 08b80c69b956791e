package dev.shadowplane.dataplane.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether the process may lock the memory that VFIO lets devices reach: all of the mbufs. The
 * kernel holds that against the limit of a process without CAP_IPC_LOCK (capabilities(7)).
 */
final class LockedMemory {
  private static final int IPC_LOCK = 14;
  private static final String LIMIT = "Max locked memory";

  private LockedMemory() {}

  static void check(Path root, int mbufs, int mbufDataBytes) {
    final long neededMb = ((long) mbufs * mbufDataBytes) >> 20;
    final long limitMb = limitMb(root.resolve("proc/self"));
    if (limitMb < neededMb) {
      throw new PortException(
          "mbufs: "
              + mbufs
              + " take "
              + neededMb
              + " MB that the ports' devices reach, and user "
              + System.getProperty("user.name")
              + " may lock "
              + limitMb
              + " MB: start with the capability IPC_LOCK (setpriv --inh-caps +ipc_lock"
              + " --ambient-caps +ipc_lock), or raise the limit (ulimit -l)");
    }
  }

  private static long limitMb(Path process) {
    try {
      if ((Long.parseLong(field(process, "status", "CapEff:"), 16) >> IPC_LOCK & 1) != 0) {
        return Long.MAX_VALUE;
      }
      final String soft = field(process, "limits", LIMIT).split(" ", 2)[0];
      return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft) >> 20;
    } catch (IOException | NumberFormatException e) {
      return Long.MAX_VALUE; // VFIO itself refuses then, less clearly
    }
  }

  private static String field(Path process, String file, String label) throws IOException {
    final List<String> lines = Files.readAllLines(process.resolve(file));
    for (String line : lines) {
      if (line.startsWith(label)) {
        return line.substring(label.length()).strip();
      }
    }
    throw new IOException(file + " lacks " + label);
  }
}
