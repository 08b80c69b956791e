package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.telemetry.AttachmentConfig;
import dev.shadowplane.dataplane.telemetry.AttachmentServer;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.CountersFile;
import dev.shadowplane.dataplane.telemetry.EventSender;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * The conductor's side of a real attachment, with rules that are only kept. Refuses a percentage
 * above 100 as the data plane would, stays silent when a rule is called {@code silent}, and fails
 * when one is called {@code broken}.
 */
public final class FakeDataPlane implements AutoCloseable {
  public static final String FORWARDED = "fake.forwarded";
  public static final int FORWARDED_TYPE = 99;

  private final Map<String, Object> rules = new LinkedHashMap<>();
  private final CountersFile counters;
  private final AttachmentServer server;
  private final Thread conductor;
  private volatile boolean running = true;
  private volatile long roleEpoch;
  private long version;

  public FakeDataPlane(final Path directory, final Path state) {
    this(directory, state, Map.of());
  }

  /** Starts with rules, as after a restart. */
  public FakeDataPlane(
      final Path directory, final Path state, final Map<String, Map<String, Object>> rules) {
    this.rules.putAll(rules);
    this.version = rules.size();
    counters = CountersFile.create(directory, state, 64);
    final AtomicCounter forwarded = counters.newCounter(FORWARDED_TYPE, FORWARDED);
    forwarded.set(1_234_567_890_123L);
    server =
        new AttachmentServer(counters, AttachmentConfig.defaults(1), this::command, noRecords());
    conductor = Thread.ofPlatform().name("fake-conductor").start(this::conduct);
  }

  /** Publishes a counter beside its own. */
  public void count(final int type, final String label, final long value) {
    counters.newCounter(type, label).set(value);
  }

  public long epoch() {
    return counters.epoch();
  }

  private void conduct() {
    while (running) {
      if (server.poll(System.nanoTime()) == 0) {
        LockSupport.parkNanos(50_000);
      }
    }
  }

  private void command(
      final long id, final CommandType type, final String body, final EventSender events) {
    switch (type) {
      case STATUS ->
          ok(
              events,
              id,
              "{\"version\":\"9.9\",\"state\":\"running\",\"workers\":[{\"core\":1,\"links\":[\"client>server\"]}],"
                  + "\"roles\":[{\"port\":\"shadow\",\"role\":\"standby\",\"epoch\":"
                  + roleEpoch
                  + "}],\"later\":true}");
      case PORTS ->
          ok(
              events,
              id,
              "{\"ports\":[{\"name\":\"client\",\"device\":\"net_af_packet0\",\"driver\":\"net_af_packet\","
                  + "\"mac\":\"02:00:00:00:00:01\",\"mtu\":1500,\"link-up\":true,\"speed-mbps\":10000,"
                  + "\"rx-descriptors\":1024,\"tx-descriptors\":512}]}");
      case RULES_LIST -> ok(events, id, listing());
      case RULE_ADD -> add(id, Json.object(body), events);
      case RULE_REMOVE -> remove(id, String.valueOf(Json.object(body).get("name")), events);
      case RULES_REPLACE -> replace(id, Json.object(body), events);
      case ROLES_LIST -> ok(events, id, roles());
      case ROLE_SET -> role(id, Json.object(body), events);
      case REPLAY_START, REPLAY_PAUSE, REPLAY_RESUME, REPLAY_SEEK, REPLAY_STOP, REPLAYS_LIST ->
          events.reply(id, ReplyStatus.INVALID, "the data plane replays nothing");
    }
  }

  private void add(final long id, final Map<String, Object> rule, final EventSender events) {
    final String name = String.valueOf(rule.get("name"));
    if (name.equals("silent")) {
      return;
    }
    if (name.equals("broken")) {
      events.reply(id, ReplyStatus.FAILED, "the classifier could not be built: out of memory");
    } else if (((Number) Objects.requireNonNull(rule.get("percent"))).doubleValue() > 100) {
      events.reply(id, ReplyStatus.INVALID, "rule '" + name + "': percent is 101: write 0 to 100");
    } else if (rules.putIfAbsent(name, rule) != null) {
      events.reply(id, ReplyStatus.CONFLICT, "rule '" + name + "' exists: remove it first");
    } else {
      changed(id, events);
    }
  }

  private void role(final long id, final Map<String, Object> body, final EventSender events) {
    if (!"shadow".equals(body.get("port")) || !"standby".equals(body.get("role"))) {
      events.reply(id, ReplyStatus.NOT_FOUND, "port " + body.get("port") + " is not a shadow's");
    } else if ((long) Objects.requireNonNull(body.get("epoch")) < roleEpoch) {
      events.reply(id, ReplyStatus.CONFLICT, "epoch " + body.get("epoch") + " is not later");
    } else {
      roleEpoch = (long) Objects.requireNonNull(body.get("epoch"));
      ok(events, id, roles());
    }
  }

  private String roles() {
    return "{\"roles\":[{\"port\":\"shadow\",\"role\":\"standby\",\"epoch\":" + roleEpoch + "}]}";
  }

  private void remove(final long id, final String name, final EventSender events) {
    if (rules.remove(name) == null) {
      events.reply(id, ReplyStatus.NOT_FOUND, "there is no rule '" + name + "': list the rules");
    } else {
      changed(id, events);
    }
  }

  private void replace(final long id, final Map<String, Object> body, final EventSender events) {
    if (body.get("if-version") instanceof Long expected && expected != version) {
      events.reply(
          id, ReplyStatus.CONFLICT, "the rules have version " + version + ", not " + expected);
      return;
    }
    rules.clear();
    for (final Object rule : (List<?>) Objects.requireNonNull(body.get("rules"))) {
      rules.put(String.valueOf(((Map<?, ?>) rule).get("name")), rule);
    }
    changed(id, events);
  }

  private void changed(final long id, final EventSender events) {
    version++;
    ok(events, id, listing());
  }

  private String listing() {
    final Map<String, Object> listing = new LinkedHashMap<>();
    listing.put("version", version);
    listing.put("rules", List.copyOf(rules.values()));
    return Json.write(listing);
  }

  private static void ok(final EventSender events, final long id, final String text) {
    events.reply(id, ReplyStatus.OK, text);
  }

  @Override
  public void close() {
    running = false;
    try {
      conductor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.close();
    counters.close();
  }

  /** Lets rings be. */
  static <R> RecordRings<R> noRecords() {
    return new RecordRings<>() {
      @Override
      public void attached(final long controlEpoch, final List<R> ringsByWorker) {}

      @Override
      public void detach() {}

      @Override
      public boolean released() {
        return true;
      }
    };
  }
}
