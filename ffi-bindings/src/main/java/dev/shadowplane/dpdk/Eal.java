package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.shadowplane.dpdk.abi23.Dpdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * DPDK's environment abstraction layer. It starts once in a process: after {@link #cleanup()} it
 * cannot start again.
 *
 * <p>It never opens a socket and never writes a run-time file: {@code --no-telemetry}, and {@code
 * --in-memory} or {@code --no-shconf}.
 */
public final class Eal {
  private static final int EAGAIN = 11;

  /** What librte_acl asks of a processor before it uses AVX-512. */
  private static final List<String> AVX512 = List.of("avx512f", "avx512vl", "avx512cd", "avx512bw");

  private static State state = State.NEW;

  private enum State {
    NEW,
    STARTED,
    FAILED,
    CLEANED
  }

  private Eal() {}

  /**
   * Starts EAL on the calling thread, which keeps the cores it may run on. Loads the library first.
   *
   * @param options how
   * @throws DpdkException when it cannot start: the call, what DPDK said, the remedy
   */
  public static synchronized void start(EalOptions options) {
    if (state != State.NEW) {
      throw new DpdkException(
          "EAL was started in this process before: it starts once, so start a new process");
    }
    DpdkLibrary.load();
    final List<String> arguments = arguments(options);
    state = State.FAILED;
    try (EalLog log = new EalLog()) {
      // EAL keeps pointers into its arguments and reorders them: they live as long as the process.
      final MemorySegment argv = Arena.global().allocate(ADDRESS, arguments.size() + 1L);
      for (int i = 0; i < arguments.size(); i++) {
        argv.setAtIndex(ADDRESS, i, Arena.global().allocateFrom(arguments.get(i)));
      }
      if (Dpdk.rte_eal_init(arguments.size(), argv) < 0) {
        throw new DpdkException(
            "rte_eal_init(" + String.join(" ", arguments) + ")",
            errno(),
            log.quoted()
                + (options.hugepages()
                    ? "reserve hugepages with ./hugepages-setup.sh, or set eal.hugepages to none"
                    : "set eal.memory-mb to what this host can spare"));
      }
    }
    state = State.STARTED;
  }

  /**
   * Releases everything that EAL holds. Every port is closed and every registered thread
   * unregistered before.
   *
   * @throws DpdkException when DPDK refuses
   */
  public static synchronized void cleanup() {
    if (state != State.STARTED) {
      return;
    }
    state = State.CLEANED;
    final int result = Dpdk.rte_eal_cleanup();
    if (result < 0) {
      throw new DpdkException("rte_eal_cleanup()", -result, "end the process");
    }
  }

  /**
   * Whether EAL runs.
   *
   * @return true between {@link #start} and {@link #cleanup()}
   */
  public static synchronized boolean isStarted() {
    return state == State.STARTED;
  }

  /**
   * The calling thread's error number as DPDK keeps it. Only right after a call that failed.
   *
   * @return positive, or 0
   */
  static int errno() {
    // rte_errno is thread-local: its symbol resolves to the calling thread's copy, each time anew.
    return SymbolLookup.loaderLookup()
        .find("per_lcore__rte_errno")
        .map(segment -> segment.reinterpret(Integer.BYTES).get(ValueLayout.JAVA_INT, 0))
        .orElse(EAGAIN);
  }

  private static List<String> arguments(EalOptions options) {
    final List<String> arguments = new ArrayList<>();
    arguments.add("shadowplane");
    // One lcore that may run wherever its thread may already: EAL pins its caller to what is named
    // here.
    arguments.add("--lcores");
    arguments.add("0@(" + allowedCores() + ")");
    arguments.add("--no-telemetry");
    arguments.add("--log-level");
    arguments.add("notice");
    if (hasAvx512()) {
      // DPDK uses it only when asked to; librte_acl gains most by it.
      arguments.add("--force-max-simd-bitwidth=512");
    }
    if (options.hugepages()) {
      arguments.add("--in-memory");
      // It takes pages without a mount, and would still lock one that it finds, which an
      // unprivileged user may not: it is told of a folder where there is none.
      arguments.add("--huge-dir");
      arguments.add("/proc");
    } else {
      arguments.add("--no-huge");
      arguments.add("--no-shconf");
      arguments.add("-m");
      arguments.add(Integer.toString(options.memoryMegabytes()));
    }
    if (options.pciDevices().isEmpty()) {
      arguments.add("--no-pci");
    }
    for (String device : options.pciDevices()) {
      arguments.add("-a");
      arguments.add(device);
    }
    return arguments;
  }

  private static boolean hasAvx512() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> List.of(line.split("\\s+", -1)).containsAll(AVX512))
          .orElse(false);
    } catch (IOException e) {
      return false;
    }
  }

  private static String allowedCores() {
    try (var lines = Files.lines(Path.of("/proc/thread-self/status"))) {
      return lines
          .filter(line -> line.startsWith("Cpus_allowed_list:"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("0");
    } catch (IOException e) {
      throw new UncheckedIOException("/proc/thread-self/status cannot be read", e);
    }
  }
}
