package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.JournalConfig;
import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.config.ReplayConfig;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.encap.CollectorLink;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.encap.FrameShaper;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.port.MbufPools;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.replay.CaptureSource;
import dev.shadowplane.dataplane.replay.FrameSource;
import dev.shadowplane.dataplane.replay.JournalSource;
import dev.shadowplane.dataplane.replay.Replay;
import dev.shadowplane.dataplane.replay.ReplayAgent;
import dev.shadowplane.dataplane.replay.ReplayCounters;
import dev.shadowplane.dataplane.replay.ReplayPort;
import dev.shadowplane.dataplane.replay.ReplayRequest;
import dev.shadowplane.dataplane.replay.ReplayStatus;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import dev.shadowplane.dataplane.telemetry.TelemetryException;
import dev.shadowplane.dpdk.DpdkException;
import dev.shadowplane.dpdk.PktmbufPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * The replays of a data plane: starts them, asks them, and keeps what is known of those that are
 * over. The conductor's thread.
 */
final class ReplayService implements AutoCloseable {
  /** How many replays there are at most, with those that are over. */
  static final int MAX_REPLAYS = 16;

  private static final int RING_BYTES = 16 << 20;

  private final DataPlaneConfig config;
  private final ReplayConfig replay;
  private final PortSet ports;
  private final MbufPools pools;
  private final CopyService copies;
  private final FlowHash flowHash;
  private final CounterRegistry counters;
  private final Consumer<String> log;
  private final ReplayAgent agent = new ReplayAgent();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private @Nullable ReplayWarmUp warmUp;

  /** A replay, and what has been said about it. */
  private static final class Entry {
    private final Replay replay;
    private final Set<String> labels;
    private boolean wasUp = true;
    private boolean told;

    private Entry(Replay replay, Set<String> labels) {
      this.replay = replay;
      this.labels = labels;
    }
  }

  ReplayService(
      DataPlaneConfig config,
      ReplayConfig replay,
      PortSet ports,
      MbufPools pools,
      CopyService copies,
      FlowHash flowHash,
      CounterRegistry counters,
      Consumer<String> log) {
    this.config = config;
    this.replay = replay;
    this.ports = ports;
    this.pools = pools;
    this.copies = copies;
    this.flowHash = flowHash;
    this.counters = counters;
    this.log = log;
  }

  /** The agent to run; it owns a queue of every port that may be replayed to. */
  ReplayAgent agent() {
    return agent;
  }

  /** Has the agent's code compiled; its thread runs. */
  void warmUp(int serial) {
    warmUp = new ReplayWarmUp("replaywarm" + serial, pools.of(0), agent);
  }

  /** Carries out a command. */
  Answer command(CommandType type, String body) {
    try {
      if (type == CommandType.REPLAYS_LIST) {
        return list();
      }
      final YamlReader reader = YamlReader.of("replay", body);
      return type == CommandType.REPLAY_START
          ? start(ReplayRequest.read(reader))
          : change(type, reader);
    } catch (ConfigException | IllegalArgumentException | DpdkException e) {
      return new Answer(ReplyStatus.INVALID, String.valueOf(e.getMessage()));
    } catch (IOException | TelemetryException e) {
      return new Answer(ReplyStatus.FAILED, String.valueOf(e.getMessage()));
    }
  }

  private Answer list() {
    report();
    return new Answer(
        ReplyStatus.OK,
        Json.write(
            Map.of("replays", entries.values().stream().map(ReplayService::described).toList())));
  }

  private static Map<String, Object> described(Entry entry) {
    final ReplayRequest request = entry.replay.request();
    final ReplayStatus status = entry.replay.status();
    final Map<String, Object> map = new LinkedHashMap<>(status.toMap());
    final @Nullable String file = request.file();
    map.put("source", file == null ? "journal" : file);
    map.put("target", request.target().toString());
    map.put("timing", request.timing().toString());
    map.put("loops", request.loops());
    return map;
  }

  private Answer start(ReplayRequest request) throws IOException {
    final @Nullable Entry before = entries.get(request.name());
    if (before != null && !before.replay.isGone()) {
      return new Answer(
          ReplyStatus.CONFLICT,
          "replay " + request.name() + " runs: stop it first, or choose another name");
    }
    if (before == null && entries.size() >= MAX_REPLAYS) {
      final @Nullable Entry over =
          entries.values().stream().filter(entry -> entry.replay.isGone()).findFirst().orElse(null);
      if (over == null) {
        return new Answer(
            ReplyStatus.FAILED, MAX_REPLAYS + " replays run already: stop one of them first");
      }
      forget(over);
    }
    if (before != null) {
      forget(before);
    }
    final Set<String> labels = new HashSet<>();
    final Port port = port(request);
    final FrameShaper shaper = shaper(request, port);
    final FrameSource source = source(request);
    final Replay started;
    try {
      started =
          new Replay(
              request,
              new Replay.Parts(
                  agent,
                  target(port),
                  source,
                  shaper,
                  flowHash,
                  RING_BYTES,
                  SystemNanoClock.INSTANCE),
              new ReplayCounters(what -> counter(request.name(), what, labels)));
    } catch (RuntimeException e) {
      source.close();
      counters.free(labels::contains);
      throw e;
    }
    final Entry entry = new Entry(started, labels);
    entries.put(request.name(), entry);
    started.start();
    return described(ReplyStatus.OK, entry);
  }

  private static Answer described(ReplyStatus status, Entry entry) {
    return new Answer(status, Json.write(Map.of("replays", List.of(described(entry)))));
  }

  private AtomicCounter counter(String name, String what, Set<String> labels) {
    final String label = CounterTypes.replay(name, what);
    labels.add(label);
    return counters.counter(CounterTypes.REPLAY, label);
  }

  private Port port(ReplayRequest request) {
    final String name =
        switch (request.target()) {
          case RuleTarget.Port port -> port.name();
          case RuleTarget.Collector collector -> link(collector.name()).config().port();
          case RuleTarget.Journal _ -> throw new IllegalArgumentException("target: no port");
        };
    if (!replay.ports().contains(name)) {
      throw new ConfigException(
          "target: port "
              + name
              + " is not for replays: name one of "
              + String.join(", ", replay.ports())
              + ", or list it in the data plane's configuration under replay.ports");
    }
    return ports.byName(name);
  }

  private CollectorLink link(String name) {
    final @Nullable CollectorLink link = copies.link(name);
    if (link == null) {
      throw new ConfigException(
          "target: there is no collector " + name + ": name one of the data plane's configuration");
    }
    return link;
  }

  private FrameShaper shaper(ReplayRequest request, Port port) {
    final @Nullable String rewrite = request.rewrite();
    if (rewrite != null
        && config.rewrites().stream().noneMatch(known -> known.name().equals(rewrite))) {
      throw new ConfigException(
          "rewrite: there is no rewrite "
              + rewrite
              + ": name one of the data plane's configuration");
    }
    final CopyShape shape = copies.shape(rewrite);
    if (request.target() instanceof RuleTarget.Collector collector) {
      return new FrameShaper(
          shape, link(collector.name()), config.workers().size(), copies.senders());
    }
    return new FrameShaper(shape, maxFrameBytes(port));
  }

  private int maxFrameBytes(Port port) {
    return port.sendsSegments()
        ? port.maxSentBytes()
        : Math.min(port.maxSentBytes(), config.mbufDataBytes());
  }

  private ReplayPort target(Port port) {
    final PktmbufPool pool = pools.of(port.eth().info().socket());
    return new ReplayPort(
        port.config().name(),
        port.eth().txQueue(ports.replayQueue()),
        pool,
        maxFrameBytes(port),
        port::isLinkUp);
  }

  private FrameSource source(ReplayRequest request) throws IOException {
    final @Nullable String file = request.file();
    if (file != null) {
      try {
        return CaptureSource.openWithin(replay.directory(), file);
      } catch (IllegalArgumentException e) {
        throw new ConfigException("file: " + file + ": " + e.getMessage());
      }
    }
    if (config.journal().isEmpty()) {
      throw new ConfigException("journal: the data plane has none: give a file");
    }
    final JournalConfig journal = config.journal().get();
    final JournalQuery query =
        JournalQuery.of(journal.directory())
            .range(request.fromNs(), request.toNs())
            .keyFile(journal.keyFile().orElse(null));
    return new JournalSource(
        request.follow() ? query.following() : query,
        problem -> log.accept("replay " + request.name() + ": " + problem));
  }

  private Answer change(CommandType type, YamlReader body) {
    final String name = body.text("name");
    final @Nullable Long toNs =
        body.optional("to", text -> YamlReader.wholeNumber(text, 0, Long.MAX_VALUE)).orElse(null);
    final @Nullable Long offsetNs =
        body.optional("offset", text -> YamlReader.wholeNumber(text, 0, Long.MAX_VALUE))
            .orElse(null);
    body.done();
    final @Nullable Entry entry = entries.get(name);
    if (entry == null) {
      return new Answer(ReplyStatus.NOT_FOUND, "there is no replay " + name);
    }
    if (entry.replay.state().isOver() && type != CommandType.REPLAY_STOP) {
      return new Answer(ReplyStatus.CONFLICT, "replay " + name + " is over: start it again");
    }
    switch (type) {
      case REPLAY_PAUSE -> entry.replay.pause();
      case REPLAY_RESUME -> entry.replay.resume();
      case REPLAY_STOP -> entry.replay.stop();
      default -> {
        if ((toNs == null) == (offsetNs == null)) {
          throw body.refuse("to", "says where to go on, or else offset does: give one of them");
        }
        if (toNs != null) {
          entry.replay.seek(toNs);
        } else if (offsetNs != null && !entry.replay.seekOffset(offsetNs)) {
          return new Answer(
              ReplyStatus.CONFLICT, "replay " + name + " has no first frame yet: try again");
        }
      }
    }
    return described(ReplyStatus.OK, entry);
  }

  private void forget(Entry entry) {
    entry.replay.close();
    entries.remove(entry.replay.request().name());
    counters.free(entry.labels::contains);
  }

  /** Publishes what was measured, and says what has happened. */
  void report() {
    if (warmUp != null && warmUp.isOver()) {
      warmUp.close();
      warmUp = null;
    }
    for (Entry entry : entries.values()) {
      entry.replay.report();
      final boolean up = entry.replay.isLinkUp();
      final String name = "replay " + entry.replay.request().name();
      if (up != entry.wasUp && !entry.replay.state().isOver()) {
        entry.wasUp = up;
        log.accept(name + ": its port is " + (up ? "up again" : "down: frames are dropped"));
      }
      if (!entry.told && entry.replay.isGone()) {
        entry.told = true;
        final @Nullable String problem = entry.replay.status().problem();
        log.accept(
            name + " " + entry.replay.state().label() + (problem == null ? "" : ": " + problem));
        entry.replay.close();
      }
    }
  }

  /** The agent runs no more. */
  @Override
  public void close() {
    for (Entry entry : new ArrayList<>(entries.values())) {
      entry.replay.close();
    }
    entries.clear();
    if (warmUp != null) {
      warmUp.close();
    }
  }
}
