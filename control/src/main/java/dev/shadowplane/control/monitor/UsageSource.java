package dev.shadowplane.control.monitor;

import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a network and its VMs use, as its provisioner tells. */
final class UsageSource implements Source {
  private static final int BITS = 8;

  private final MonitoredNetwork network;
  private final Map<ItemKey, Tracks> known = new HashMap<>();
  private volatile List<VmUsage> latest = List.of();

  UsageSource(final MonitoredNetwork network) {
    this.network = network;
  }

  @Override
  public String name() {
    return nameOf(network.name());
  }

  /** The name of the source of a network. */
  static String nameOf(final String network) {
    return "usage of network " + network;
  }

  @Override
  public int everySeconds() {
    return 1;
  }

  /** What was read last, by VM; empty if nothing was yet, or it could not be read. */
  List<VmUsage> latest() {
    return latest;
  }

  @Override
  public void read(final Readings into) throws ProvisionException {
    final List<VmUsage> read = new ArrayList<>();
    boolean done = false;
    try {
      final List<Usage> usages =
          network.provisioner() == null ? List.of() : network.provisioner().usage(network.name());
      for (final Usage usage : usages) {
        if (usage.key().kind() == ItemKey.Kind.VM || usage.key().kind() == ItemKey.Kind.NETWORK) {
          read.add(known.computeIfAbsent(usage.key(), this::tracks).read(usage, into));
        }
      }
      if (known.size() > usages.size()) {
        known.keySet().retainAll(usages.stream().map(Usage::key).toList());
      }
      done = true;
    } finally {
      latest = done ? List.copyOf(read) : List.of();
    }
  }

  private Tracks tracks(final ItemKey key) {
    final boolean vm = key.kind() == ItemKey.Kind.VM;
    return new Tracks(
        vm ? key.name() : "",
        vm ? "vm." : "network.",
        vm
            ? Map.of("network", network.name(), "vm", key.name())
            : Map.of("network", network.name()),
        vm ? (double) network.bitsPerSecond().getOrDefault(key.name(), 0L) : 0);
  }

  /** The series of one VM, or of a network as a whole. */
  private static final class Tracks {
    private final String vm;
    private final double bitsPerSecond;
    private final Track cores;
    private final Track cpu;
    private final Track memoryBytes;
    private final Track memory;
    private final Track receivedBytes;
    private final Track receivedPackets;
    private final Track sentBytes;
    private final Track sentPackets;
    private final Track bandwidth;

    Tracks(
        final String vm,
        final String prefix,
        final Map<String, String> labels,
        final double bitsPerSecond) {
      this.vm = vm;
      this.bitsPerSecond = bitsPerSecond;
      cores = new Track(prefix + "cpu.cores", labels);
      cpu = new Track(prefix + "cpu.utilisation", labels);
      memoryBytes = new Track(prefix + "memory.bytes", labels);
      memory = new Track(prefix + "memory.utilisation", labels);
      receivedBytes = new Track(prefix + "network.received-bytes", labels);
      receivedPackets = new Track(prefix + "network.received-packets", labels);
      sentBytes = new Track(prefix + "network.sent-bytes", labels);
      sentPackets = new Track(prefix + "network.sent-packets", labels);
      bandwidth = new Track(prefix + "network.utilisation", labels);
    }

    VmUsage read(final Usage usage, final Readings into) {
      final long at = usage.atNs();
      final double used = cores.rate((double) usage.cpuNs(), at) / 1e9;
      final double received = receivedBytes.rate((double) usage.receivedBytes(), at);
      final double sent = sentBytes.rate((double) usage.sentBytes(), at);
      final VmUsage read =
          new VmUsage(
              vm,
              used,
              share(used, usage.cpuLimit()),
              (double) usage.memoryBytes(),
              share((double) usage.memoryBytes(), (double) usage.memoryLimitBytes()),
              received,
              receivedPackets.rate((double) usage.receivedPackets(), at),
              sent,
              sentPackets.rate((double) usage.sentPackets(), at),
              share(Math.max(received, sent) * BITS, bitsPerSecond));
      into.put(cores, read.cpuCores());
      into.put(cpu, read.cpuUtilisation());
      into.put(memoryBytes, read.memoryBytes());
      into.put(memory, read.memoryUtilisation());
      into.put(receivedBytes, read.receivedBytes());
      into.put(receivedPackets, read.receivedPackets());
      into.put(sentBytes, read.sentBytes());
      into.put(sentPackets, read.sentPackets());
      into.put(bandwidth, read.networkUtilisation());
      return read;
    }

    private static double share(final double used, final double quota) {
      return quota > 0 ? used / quota : Double.NaN;
    }
  }
}
