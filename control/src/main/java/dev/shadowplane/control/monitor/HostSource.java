package dev.shadowplane.control.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What this host uses, from {@code /proc} (proc(5)). */
final class HostSource implements Source {
  private static final int MAX_INTERFACES = 64;
  private static final int KIB = 1_024;

  private final Path proc;
  private final Track cores = new Track("host.cpu.cores", Map.of());
  private final Track cpu = new Track("host.cpu.utilisation", Map.of());
  private final Track memoryBytes = new Track("host.memory.bytes", Map.of());
  private final Track memory = new Track("host.memory.utilisation", Map.of());
  private final Map<String, List<Track>> interfaces = new HashMap<>();
  private long lastBusy = -1;
  private long lastAll = -1;

  /** Reads another folder in place of {@code /proc} in tests. */
  HostSource(final Path proc) {
    this.proc = proc;
  }

  @Override
  public String name() {
    return "this host";
  }

  @Override
  public int everySeconds() {
    return 1;
  }

  @Override
  public void read(final Readings into) throws IOException {
    readCpu(Files.readAllLines(proc.resolve("stat")), into);
    readMemory(Files.readAllLines(proc.resolve("meminfo")), into);
    readInterfaces(Files.readAllLines(proc.resolve("net/dev")), System.nanoTime(), into);
  }

  /** Guests are counted as users already, and waiting for a disk is idle. */
  private void readCpu(final List<String> lines, final Readings into) {
    final String[] all = lines.getFirst().strip().split("\\s+", -1);
    long sum = 0;
    for (int i = 1; i < Math.min(all.length, 9); i++) {
      sum += Long.parseLong(all[i]);
    }
    final long busy = sum - Long.parseLong(all[4]) - Long.parseLong(all[5]);
    if (lastAll >= 0 && sum > lastAll && busy >= lastBusy) {
      final double share = (double) (busy - lastBusy) / (sum - lastAll);
      final long processors = lines.stream().filter(line -> line.matches("cpu[0-9]+ .*")).count();
      into.put(cpu, share);
      into.put(cores, share * processors);
    }
    lastBusy = busy;
    lastAll = sum;
  }

  private void readMemory(final List<String> lines, final Readings into) {
    double total = Double.NaN;
    double available = Double.NaN;
    for (final String line : lines) {
      if (line.startsWith("MemTotal:")) {
        total = kilobytes(line);
      } else if (line.startsWith("MemAvailable:")) {
        available = kilobytes(line);
      }
    }
    into.put(memoryBytes, total - available);
    into.put(memory, (total - available) / total);
  }

  private static double kilobytes(final String line) {
    return Double.parseDouble(line.replaceAll("[^0-9]", "")) * KIB;
  }

  private void readInterfaces(final List<String> lines, final long atNs, final Readings into) {
    for (final String line : lines) {
      final int colon = line.lastIndexOf(':');
      final String name = line.substring(0, Math.max(colon, 0)).strip();
      if (colon < 0
          || name.equals("lo")
          || (!interfaces.containsKey(name) && interfaces.size() >= MAX_INTERFACES)) {
        continue;
      }
      final String[] counts = line.substring(colon + 1).strip().split("\\s+", -1);
      final List<Track> tracks = interfaces.computeIfAbsent(name, HostSource::tracks);
      final int[] columns = {0, 1, 8, 9};
      for (int i = 0; i < columns.length; i++) {
        into.put(tracks.get(i), tracks.get(i).rate(Double.parseDouble(counts[columns[i]]), atNs));
      }
    }
  }

  private static List<Track> tracks(final String name) {
    final Map<String, String> labels = Map.of("interface", name);
    return List.of(
        new Track("host.network.received-bytes", labels),
        new Track("host.network.received-packets", labels),
        new Track("host.network.sent-bytes", labels),
        new Track("host.network.sent-packets", labels));
  }
}
