package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.config.PortRole;
import dev.shadowplane.dataplane.config.Role;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.file.AtomicFile;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.EventSender;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import dev.shadowplane.dataplane.worker.ShadowPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * The roles of shadow networks: persists them and hands them to the worker. An epoch is never
 * forgotten, not even while its port is missing from the configuration. The conductor's thread.
 */
final class RoleManager {
  private static final int MAX_WAITING = 64;
  private static final String REMEDY = " (persisted roles: mend or remove this file)";

  private final Path file;
  private final Map<String, ShadowPort> ports = new LinkedHashMap<>();
  private final Queue<Change> waiting = new ArrayDeque<>();
  private Map<String, PortRole> saved;

  /** A role that was given, and who waits for it to be in force. */
  private record Change(long correlationId, ShadowPort port, EventSender events) {}

  /**
   * Gives each port of a shadow network the role that it had, or lets it stand by.
   *
   * @throws ConfigException when the persisted roles cannot be read
   */
  RoleManager(Path stateDirectory, PortSet all, CounterRegistry counters) {
    file = stateDirectory.resolve("roles.json");
    saved = load();
    for (Port port : all.all()) {
      if (port.config().shadow()) {
        final String name = port.config().name();
        ports.put(
            name,
            new ShadowPort(
                port.eth().rxQueue(0),
                new ShadowPort.Counters(
                    counter(counters, name, "rx-packets"),
                    counter(counters, name, "standby-dropped-packets"),
                    counter(counters, name, "standby-dropped-bytes"),
                    counter(counters, name, "role-epoch")),
                saved.getOrDefault(name, new PortRole(name, Role.STANDBY, 0))));
      }
    }
  }

  private static AtomicCounter counter(CounterRegistry counters, String port, String what) {
    return counters.counter(CounterTypes.PORT, CounterTypes.port(port, what));
  }

  private Map<String, PortRole> load() {
    final Map<String, PortRole> roles = new TreeMap<>();
    if (!Files.exists(file)) {
      return roles;
    }
    try {
      final YamlReader root = YamlReader.of(file);
      for (YamlReader entry : root.mappings("roles")) {
        final PortRole role = PortRole.read(entry);
        if (roles.put(role.port(), role) != null) {
          throw new ConfigException(file + ": port " + role.port() + " has two roles");
        }
      }
      root.done();
      return roles;
    } catch (ConfigException e) {
      throw new ConfigException(e.getMessage() + REMEDY);
    }
  }

  /** What the worker polls. */
  List<ShadowPort> ports() {
    return List.copyOf(ports.values());
  }

  /** The roles that were given last, as control is told. */
  List<Map<String, Object>> describe() {
    return ports.values().stream().map(port -> port.role().object()).toList();
  }

  /** Gives a port a role. The reply comes when the worker acts by it. */
  void set(long correlationId, String body, EventSender events) {
    @Nullable Answer refusal;
    try {
      refusal = set(correlationId, PortRole.read(YamlReader.of("command", body)), events);
    } catch (ConfigException e) {
      refusal = new Answer(ReplyStatus.INVALID, String.valueOf(e.getMessage()));
    }
    if (refusal != null) {
      events.reply(correlationId, refusal.status(), refusal.text());
    }
  }

  private @Nullable Answer set(long correlationId, PortRole next, EventSender events) {
    final ShadowPort port = ports.get(next.port());
    if (port == null) {
      return new Answer(
          ReplyStatus.NOT_FOUND,
          "port " + next.port() + " is not a shadow's: write shadow: true under ports");
    }
    final PortRole present = port.role();
    if (next.epoch() < present.epoch()
        || (next.epoch() == present.epoch() && next.role() != present.role())) {
      return new Answer(
          ReplyStatus.CONFLICT,
          "port "
              + next.port()
              + " is "
              + present.role()
              + " since epoch "
              + present.epoch()
              + ", and epoch "
              + next.epoch()
              + " is not later: look at the roles, and give a higher one");
    }
    if (waiting.size() >= MAX_WAITING) {
      return new Answer(
          ReplyStatus.FAILED, MAX_WAITING + " changes of roles wait already: try again later");
    }
    if (next.epoch() > present.epoch()) {
      try {
        save(next);
      } catch (IOException e) {
        return new Answer(
            ReplyStatus.FAILED,
            "the role cannot be persisted, nothing was changed: make room in the state directory ("
                + e
                + ")");
      }
      port.role(next);
    }
    waiting.add(new Change(correlationId, port, events));
    return null;
  }

  private void save(PortRole next) throws IOException {
    final Map<String, PortRole> roles = new TreeMap<>(saved);
    roles.put(next.port(), next);
    final List<Map<String, Object>> objects = new ArrayList<>();
    roles.values().forEach(role -> objects.add(role.object()));
    AtomicFile.write(file, Json.write(Map.of("roles", objects)) + "\n");
    saved = roles;
  }

  /** Answers the changes that are in force. */
  int poll() {
    int work = 0;
    for (Change next = waiting.peek();
        next != null && next.port.isInForce();
        next = waiting.peek()) {
      waiting.remove();
      next.events.reply(
          next.correlationId, ReplyStatus.OK, Json.write(Map.of("roles", describe())));
      work++;
    }
    return work;
  }

  /** Control hears that its link has ended. */
  void close() {
    waiting.clear();
  }
}
