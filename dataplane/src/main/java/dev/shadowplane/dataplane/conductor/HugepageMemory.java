package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.EalConfig.Hugepages;
import dev.shadowplane.dataplane.encap.CopyTarget;
import dev.shadowplane.dataplane.port.PciFunction;
import dev.shadowplane.dataplane.port.PortException;
import dev.shadowplane.dpdk.EalOptions;
import dev.shadowplane.dpdk.EthPort;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Decides whether DPDK's memory lies in hugepages, from what is asked for and what is free. */
final class HugepageMemory {
  private static final Path POOLS = Path.of("/sys/kernel/mm/hugepages");
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final int OVERHEAD_MB = 96;
  private static final int MBUF_OVERHEAD_BYTES = 320;

  private HugepageMemory() {}

  static EalOptions options(DataPlaneConfig config, Consumer<String> log) {
    final int neededMb =
        OVERHEAD_MB
            + (int)
                ((poolNodes(config)
                            * config.mbufs()
                            * (config.mbufDataBytes() + MBUF_OVERHEAD_BYTES)
                        + (long) config.headerMbufs()
                            * (CopyTarget.HEADER_BYTES + MBUF_OVERHEAD_BYTES))
                    >> 20);
    final long freeMb = freeMegabytes();
    final Hugepages wish = config.eal().hugepages();
    if (wish == Hugepages.REQUIRED && freeMb < neededMb) {
      throw new PortException(
          "eal.hugepages is required, "
              + freeMb
              + " MB of hugepages are free and "
              + neededMb
              + " MB are needed: run ./hugepages-setup.sh, or lower mbufs");
    }
    final boolean hugepages = wish != Hugepages.NONE && freeMb >= neededMb;
    if (!hugepages && wish == Hugepages.AUTO) {
      log.accept(
          "warning: running without hugepages at about half the speed ("
              + freeMb
              + " MB are free, "
              + neededMb
              + " MB are needed): run ./hugepages-setup.sh --pages "
              + neededMb / 2);
    }
    final int memoryMb = Math.max(config.eal().memoryMegabytes(), neededMb);
    final long availableMb = availableMegabytes();
    if (!hugepages && memoryMb > availableMb) {
      // EAL would touch every page of it, and the kernel end some process.
      throw new ConfigException(
          "mbufs: "
              + config.mbufs()
              + ", with eal.memory-mb "
              + config.eal().memoryMegabytes()
              + ", take "
              + memoryMb
              + " MB, and the host has "
              + availableMb
              + " MB available: lower them");
    }
    final List<String> pci =
        config.ports().stream().map(port -> port.device()).filter(EthPort::isPci).toList();
    return new EalOptions(hugepages, memoryMb, pci);
  }

  /** On how many NUMA nodes there will be a pool: those of the PCI devices. */
  private static long poolNodes(DataPlaneConfig config) {
    return Math.max(
        1,
        config.ports().stream()
            .filter(port -> EthPort.isPci(port.device()))
            .map(PciFunction::numaNode)
            .distinct()
            .count());
  }

  private static long availableMegabytes() {
    try (var lines = Files.lines(MEMORY)) {
      return lines
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
          .findFirst()
          .orElse(Long.MAX_VALUE);
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  private static long freeMegabytes() {
    long kilobytes = 0;
    try (DirectoryStream<Path> sizes = Files.newDirectoryStream(POOLS, "hugepages-*kB")) {
      for (Path size : sizes) {
        final String name = String.valueOf(size.getFileName());
        final long pageKb = Long.parseLong(name.replaceAll("\\D", ""));
        kilobytes +=
            pageKb * Long.parseLong(Files.readString(size.resolve("free_hugepages")).strip());
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
    return kilobytes >> 10;
  }
}
