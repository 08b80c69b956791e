package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ProvisionException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Notices what others change. One {@code ip monitor} tells of the links, addresses and routes of
 * every namespace, one {@code nft monitor} each of its rules; the folder of namespaces tells of
 * those that go; once a second it is looked whether programs still run.
 */
final class ChangeWatch implements AutoCloseable {
  private static final Pattern NSID = Pattern.compile("^\\[nsid (\\d+)]");
  private static final Pattern LISTED =
      Pattern.compile("nsid (\\d+) \\(iproute2 netns name: (\\S+?)\\)");
  private static final long TICK_MS = 250;
  private static final long PROGRAMS_NS = 1_000_000_000;
  private static final long AFTERMATH_NS = 500_000_000;
  private static final long MAX_LOG_BYTES = 1 << 16;

  /** The most namespaces whose rules are watched: each takes a process. */
  private static final int MAX_RULE_MONITORS = 256;

  private final Host host;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final Map<String, Long> quietUntilNs = new ConcurrentHashMap<>();
  private final Map<String, Process> ruleMonitors = new ConcurrentHashMap<>();
  private final Map<Integer, String> namespaces = new ConcurrentHashMap<>();
  private final Set<String> changed = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> programs = new HashMap<>();
  private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private final WatchService files;
  private final Thread thread;
  private @Nullable Process linkMonitor;
  private volatile boolean closed;

  ChangeWatch(final Host host) throws ProvisionException {
    this.host = host;
    try {
      Files.createDirectories(Layout.NAMESPACES);
      files = Layout.NAMESPACES.getFileSystem().newWatchService();
      Layout.NAMESPACES.register(files, StandardWatchEventKinds.ENTRY_DELETE);
      host.folders().watched().register(files, StandardWatchEventKinds.ENTRY_MODIFY);
    } catch (IOException e) {
      throw new ProvisionException("files cannot be watched: " + e, e);
    }
    for (final Entry entry : host.records().all()) {
      switch (entry.item()) {
        case NetworkItem item -> {
          watch(item.network(), Layout.router(item.network()));
          if (item.feed()) {
            watch(item.network(), Layout.feed(item.network()));
          }
        }
        case VmItem item -> watch(item.network(), Layout.vm(item.network(), item.vm()));
        case ServiceItem _, AgentItem _ -> {
          // They have no namespaces of their own.
        }
      }
    }
    // Monitors end with the thread that has started them: it lives as long as the process.
    thread = Thread.ofPlatform().daemon().name("changes").start(this::run);
  }

  void listen(final Consumer<String> listener) {
    listeners.add(listener);
  }

  /** What changes in a network from here on is our own doing. */
  void quiet(final String network) {
    quietUntilNs.put(network, Long.MAX_VALUE);
  }

  /** What changes is others' doing again, once what we did has been told. */
  void loud(final String network) {
    quietUntilNs.put(network, System.nanoTime() + AFTERMATH_NS);
  }

  /** Watches a namespace of a network. */
  void watch(final String network, final String namespace) {
    owners.put(namespace, network);
    work.add(() -> monitorRules(namespace));
  }

  private final Map<String, String> owners = new ConcurrentHashMap<>();

  /** Watches it no longer; it can go then. */
  void forget(final String namespace) {
    owners.remove(namespace);
    stop(ruleMonitors.remove(namespace));
    try {
      Files.deleteIfExists(host.folders().watched().resolve(namespace));
    } catch (IOException e) {
      // Written over when a namespace has this name again.
    }
  }

  private static void stop(final @Nullable Process process) {
    if (process != null) {
      process.destroyForcibly();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    long lastLook = System.nanoTime();
    while (!closed) {
      try {
        final Runnable next = work.poll(TICK_MS, TimeUnit.MILLISECONDS);
        if (next != null) {
          next.run();
          continue;
        }
        if (linkMonitor == null || !linkMonitor.isAlive()) {
          monitorLinks();
        }
        readFiles();
        if (System.nanoTime() - lastLook >= PROGRAMS_NS) {
          lastLook = System.nanoTime();
          lookAtPrograms();
        }
        tell();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void tell() {
    final Set<String> networks = new HashSet<>(changed);
    changed.removeAll(networks);
    networks.forEach(network -> listeners.forEach(listener -> listener.accept(network)));
  }

  private void noticed(final @Nullable String namespace) {
    final String network = namespace == null ? null : owners.get(namespace);
    if (network != null) {
      changedByOthers(network);
    }
  }

  private void changedByOthers(final String network) {
    final Long until = quietUntilNs.get(network);
    if (until == null || (until != Long.MAX_VALUE && System.nanoTime() - until > 0)) {
      changed.add(network);
    }
  }

  private void monitorRules(final String namespace) {
    if (!owners.containsKey(namespace)
        || !Files.exists(Layout.namespaceFile(namespace))
        || ruleMonitors.size() >= MAX_RULE_MONITORS) {
      return;
    }
    final Process old = ruleMonitors.get(namespace);
    if (old != null) {
      // It may watch a namespace that was deleted and made again.
      stop(ruleMonitors.remove(namespace));
    }
    try {
      final Path log = host.folders().watched().resolve(namespace);
      Files.writeString(log, "");
      ruleMonitors.put(
          namespace,
          start(
              ProcessBuilder.Redirect.appendTo(log.toFile()),
              Commands.inNamespace(namespace, "setpriv", "--pdeathsig", "KILL", "nft", "monitor")));
    } catch (IOException e) {
      // Its rules are still compared whenever it is observed.
    }
  }

  private void monitorLinks() {
    try {
      final Process process =
          start(
              ProcessBuilder.Redirect.PIPE,
              "setpriv",
              "--pdeathsig",
              "KILL",
              "stdbuf",
              "-oL",
              "ip",
              "monitor",
              "link",
              "address",
              "route",
              "rule",
              "all-nsid");
      linkMonitor = process;
      Thread.ofPlatform().daemon().name("links").start(() -> readLinks(process));
    } catch (IOException e) {
      linkMonitor = null;
    }
  }

  private static Process start(final ProcessBuilder.Redirect output, final String... command)
      throws IOException {
    final ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", Commands.PATH);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return builder.redirectOutput(output).start();
  }

  private void readLinks(final Process process) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        final Matcher matcher = NSID.matcher(line);
        if (matcher.find()) {
          noticed(namespace(Integer.parseInt(matcher.group(1))));
        }
      }
    } catch (IOException e) {
      // It was ended.
    }
  }

  private @Nullable String namespace(final int nsid) {
    final String known = namespaces.get(nsid);
    if (known != null && owners.containsKey(known)) {
      return known;
    }
    try {
      final String list = host.commands().run("", "ip", "netns", "list-id");
      namespaces.clear();
      LISTED
          .matcher(list)
          .results()
          .forEach(found -> namespaces.put(Integer.parseInt(found.group(1)), found.group(2)));
    } catch (ProvisionException e) {
      return null;
    }
    return namespaces.get(nsid);
  }

  private void readFiles() {
    for (WatchKey key = files.poll(); key != null; key = files.poll()) {
      for (final WatchEvent<?> event : key.pollEvents()) {
        final String name = String.valueOf(event.context());
        if (event.kind().equals(StandardWatchEventKinds.ENTRY_DELETE)) {
          if (owners.containsKey(name)) {
            stop(ruleMonitors.remove(name)); // It would keep the namespace alive.
            noticed(name);
          }
        } else {
          readRules(name);
        }
      }
      key.reset();
    }
  }

  private void readRules(final String namespace) {
    final Path log = host.folders().watched().resolve(namespace);
    try {
      if (Files.exists(log) && Files.size(log) > 0) {
        noticed(namespace);
      }
      if (Files.exists(log) && Files.size(log) > MAX_LOG_BYTES) {
        Files.writeString(log, "");
      }
    } catch (IOException e) {
      noticed(namespace);
    }
  }

  private void lookAtPrograms() {
    final Set<String> seen = new HashSet<>();
    for (final Entry entry : host.records().all()) {
      final String network = entry.item().key().network();
      final String name;
      final Path folder;
      final boolean runs;
      switch (entry.item()) {
        case ServiceItem item -> {
          name = item.key().name();
          folder = host.folders().service(network, name);
          runs = !host.cgroups().processes(ServiceMaker.group(network, name)).isEmpty();
        }
        case AgentItem item -> {
          name = item.name();
          folder = host.folders().agent(network, name);
          runs = !host.cgroups().processes(network + "/_agents/" + name).isEmpty();
        }
        case NetworkItem _, VmItem _ -> {
          continue;
        }
      }
      final String key = entry.item().key().toString();
      final int state = Keeper.ends(folder).ended() * 2 + (runs ? 1 : 0);
      final Integer before = programs.put(key, state);
      seen.add(key);
      if (before != null && before != state) {
        changedByOthers(network);
      }
    }
    programs.keySet().retainAll(seen);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    stop(linkMonitor);
    ruleMonitors.values().forEach(ChangeWatch::stop);
    ruleMonitors.clear();
    try {
      thread.join();
      files.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
