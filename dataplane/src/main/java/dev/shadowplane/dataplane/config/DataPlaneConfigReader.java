package dev.shadowplane.dataplane.config;

import dev.shadowplane.dataplane.config.EalConfig.Hugepages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads and validates the data plane's configuration file. */
public final class DataPlaneConfigReader {
  private DataPlaneConfigReader() {}

  /**
   * Reads a file.
   *
   * @param file YAML
   * @return what it says, validated
   * @throws ConfigException naming file, line, value, limit and remedy
   */
  public static DataPlaneConfig read(Path file) {
    return read(YamlReader.of(file));
  }

  /**
   * Reads a document.
   *
   * @param root its root
   * @return what it says, validated
   * @throws ConfigException naming source, line, value, limit and remedy
   */
  public static DataPlaneConfig read(YamlReader root) {
    final List<PortConfig> ports = ports(root);
    final List<WorkerConfig> workers = workers(root, ports);
    final DataPlaneConfig config =
        new DataPlaneConfig(
            root.optional("directory", Path::of).orElse(Path.of("/run/shadowplane")),
            root.optional("state", Path::of).orElse(Path.of("/var/lib/shadowplane")),
            root.mapping("eal").map(DataPlaneConfigReader::eal).orElse(DEFAULT_EAL),
            root.integer("mbufs", 32_767, 1_024, 64 << 20),
            root.integer("mbuf-data-bytes", 2_048, 256, 65_000),
            ports,
            workers,
            RecordsConfig.read(root),
            powerOfTwo(root, "record-ring-bytes", 16 << 20),
            root.mapping("journal").map(JournalConfig::read),
            RuleReader.rules(root),
            root.optional("flow-hash-key", DataPlaneConfigReader::key),
            root.integer("header-mbufs", DataPlaneConfig.HEADER_MBUFS, 1_023, 4 << 20),
            CollectorReader.collectors(root, ports, workers),
            RewriteReader.rewrites(root),
            root.integer("counters", DEFAULT_COUNTERS, 4_096, 1 << 20),
            AnonymisationReader.anonymisations(root),
            root.mapping("replay").map(replay -> replay(replay, ports, workers)));
    root.done();
    try {
      RuleCheck.check(config.rules(), config);
    } catch (ConfigException e) {
      throw root.refuse("rules", String.valueOf(e.getMessage()));
    }
    return config;
  }

  /** Enough to replace 10,000 rules with a target each by as many others. */
  private static final int DEFAULT_COUNTERS = 1 << 17;

  private static final EalConfig DEFAULT_EAL = new EalConfig(Hugepages.AUTO, 512);

  private static EalConfig eal(YamlReader reader) {
    final EalConfig eal =
        new EalConfig(
            reader
                .optional(
                    "hugepages",
                    text ->
                        switch (text) {
                          case "auto" -> Hugepages.AUTO;
                          case "required" -> Hugepages.REQUIRED;
                          case "none" -> Hugepages.NONE;
                          default ->
                              throw new IllegalArgumentException("give auto, required or none");
                        })
                .orElse(Hugepages.AUTO),
            reader.integer("memory-mb", 512, 64, 1 << 20));
    reader.done();
    return eal;
  }

  private static List<PortConfig> ports(YamlReader root) {
    final List<PortConfig> ports = new ArrayList<>();
    final Map<String, String> nameByDevice = new HashMap<>();
    final Set<String> names = new HashSet<>();
    for (YamlReader entry : root.mappings("ports")) {
      final PortConfig port =
          new PortConfig(
              entry.text("name"),
              entry.text("device"),
              entry.integer("mtu", 0, 0, 9_600),
              entry.integer("rx-descriptors", 1_024, 32, 32_768),
              entry.integer("tx-descriptors", 1_024, 32, 32_768),
              entry.bool("shadow", false));
      if (!RuleReader.NAME.matcher(port.name()).matches()) {
        throw entry.refuse("name", port.name(), RuleReader.NAME_REMEDY);
      }
      if (!names.add(port.name())) {
        throw entry.refuse("name", port.name() + " names two ports: rename one");
      }
      final String other = nameByDevice.put(resource(port.device()), port.name());
      if (other != null && !resource(port.device()).isEmpty()) {
        throw entry.refuse(
            "device",
            port.device(),
            "is used by port " + other + " already: give each port its own device");
      }
      entry.done();
      ports.add(port);
    }
    if (ports.isEmpty()) {
      throw root.refuse("ports", "names no port: list at least two");
    }
    return ports;
  }

  /**
   * What two ports must not share: the interface of a device string, a PCI address, the file that
   * is written.
   *
   * @param device a device string
   * @return its exclusive resource, empty when it has none
   */
  public static String resource(String device) {
    for (String argument : device.split(",", -1)) {
      if (argument.startsWith("iface=") || argument.startsWith("tx_pcap=")) {
        return argument;
      }
    }
    if (device.matches("(\\p{XDigit}{4}:)?\\p{XDigit}{2}:\\p{XDigit}{2}\\.[0-7]")) {
      // However it is spelt.
      return (device.length() < 12 ? "0000:" : "") + device.toLowerCase(Locale.ROOT);
    }
    return device.indexOf(',') < 0 && !device.startsWith("net_null") && !device.equals("net_ring")
        ? device
        : "";
  }

  private static List<WorkerConfig> workers(YamlReader root, List<PortConfig> ports) {
    final Set<String> known = new HashSet<>();
    ports.forEach(port -> known.add(port.name()));
    final Map<String, String> peers = new HashMap<>();
    final Set<Integer> cores = new HashSet<>();
    final List<WorkerConfig> workers = new ArrayList<>();
    for (YamlReader entry : root.mappings("workers")) {
      final int core = entry.integer("core", WorkerConfig.ANY_CORE, -1, 1_023);
      if (core >= 0 && !cores.add(core)) {
        throw entry.refuse("core", core + " has a worker already: a core polls for one worker");
      }
      final List<ForwardPair> pairs = new ArrayList<>();
      for (List<String> pair : entry.textLists("forward")) {
        if (pair.size() != 2) {
          throw entry.refuse("forward", pair.toString(), "give pairs of two port names");
        }
        for (String port : pair) {
          if (!known.contains(port)) {
            throw entry.refuse(
                "forward", port, "is not a port: name one of " + String.join(", ", known));
          }
        }
        shadowless(entry, pair, ports);
        final ForwardPair next = new ForwardPair(pair.get(0), pair.get(1));
        if (next.a().equals(next.b())) {
          throw entry.refuse("forward", pair.toString(), "name two ports");
        }
        if (pairs.contains(next) || pairs.contains(new ForwardPair(next.b(), next.a()))) {
          throw entry.refuse("forward", pair.toString(), "is there twice: keep one");
        }
        bind(entry, peers, next.a(), next.b());
        bind(entry, peers, next.b(), next.a());
        pairs.add(next);
      }
      if (pairs.isEmpty()) {
        throw entry.refuse("forward", "names no pair: give the worker something to forward");
      }
      entry.done();
      workers.add(new WorkerConfig(core, pairs));
    }
    if (workers.isEmpty()) {
      throw root.refuse("workers", "names no worker: add one with a core and a pair of ports");
    }
    return workers;
  }

  /** What a shadow network sends must never be forwarded. */
  private static void shadowless(YamlReader entry, List<String> pair, List<PortConfig> ports) {
    for (PortConfig port : ports) {
      if (port.shadow() && pair.contains(port.name())) {
        throw entry.refuse(
            "forward",
            port.name(),
            "has a shadow network behind it: forward between others, or take shadow from the port");
      }
    }
  }

  /** Several workers may share a pair, each with a queue of its own; but a port has one peer. */
  private static void bind(YamlReader entry, Map<String, String> peers, String port, String peer) {
    final String other = peers.putIfAbsent(port, peer);
    if (other != null && !other.equals(peer)) {
      throw entry.refuse(
          "forward", port + " is forwarded to " + other + " already: a port belongs to one pair");
    }
  }

  private static ReplayConfig replay(
      YamlReader reader, List<PortConfig> ports, List<WorkerConfig> workers) {
    final int core = reader.integer("core", WorkerConfig.ANY_CORE, -1, 1_023);
    if (core >= 0 && workers.stream().anyMatch(worker -> worker.core() == core)) {
      throw reader.refuse("core", core + " has a worker already: the replay agent needs its own");
    }
    final List<String> free = new ArrayList<>(ports.stream().map(PortConfig::name).toList());
    free.removeAll(ForwardPair.portsOf(workers));
    final List<String> targets = reader.texts("ports");
    for (String port : targets) {
      if (!free.contains(port)) {
        throw reader.refuse(
            "ports",
            port,
            "is no port that does not forward: name one of " + String.join(", ", free));
      }
    }
    if (targets.isEmpty()) {
      throw reader.refuse("ports", "names no port: list at least one that does not forward");
    }
    final ReplayConfig replay =
        new ReplayConfig(
            core,
            reader.optional("directory", Path::of).orElse(Path.of("/var/lib/shadowplane/captures")),
            targets.stream().distinct().toList());
    reader.done();
    return replay;
  }

  static int powerOfTwo(YamlReader reader, String key, int defaultValue) {
    final int value = reader.integer(key, defaultValue, 1 << 16, 1 << 30);
    if (Integer.bitCount(value) != 1) {
      throw reader.refuse(key, Integer.toString(value), "give a power of two");
    }
    return value;
  }

  private static String key(String text) {
    if (text.matches("\\p{XDigit}{32}")) {
      return text;
    }
    throw new IllegalArgumentException("give 32 hexadecimal digits");
  }
}
