package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.telemetry.CommandHandler;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.EventSender;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what control asks. A refused command has changed nothing. Changes of the rules are
 * read and compiled one after the other on a thread of their own, which may take seconds, and then
 * put in force; a role is answered when it is in force, everything else at once. The conductor's
 * thread.
 */
final class Commands implements CommandHandler, AutoCloseable {
  private static final String SOURCE = "command";
  private static final int MAX_WAITING = 64;

  private final RuleManager rules;
  private final RoleManager roles;
  private final Supplier<Map<String, Object>> ports;
  private final Supplier<Map<String, Object>> status;
  private final @Nullable ReplayService replays;
  private final Queue<Change> waiting = new ArrayDeque<>();
  private @Nullable Change running;

  /** What has become of a change: an answer, or a set that may come into force. */
  private record Outcome(@Nullable Answer answer, RuleManager.@Nullable Compiled compiled) {}

  /** A change of the rules on its way. */
  private final class Change {
    private final long correlationId;
    private final EventSender events;
    private final boolean[] dryRun = {false};
    private final FutureTask<Outcome> task;

    private Change(long correlationId, CommandType type, String body, EventSender events) {
      this.correlationId = correlationId;
      this.events = events;
      this.task = new FutureTask<>(() -> work(type, body, dryRun));
    }
  }

  Commands(
      RuleManager rules,
      RoleManager roles,
      Supplier<Map<String, Object>> ports,
      Supplier<Map<String, Object>> status,
      @Nullable ReplayService replays) {
    this.replays = replays;
    this.rules = rules;
    this.roles = roles;
    this.ports = ports;
    this.status = status;
  }

  @Override
  public void command(long correlationId, CommandType type, String body, EventSender events) {
    final Answer answer =
        switch (type) {
          case RULES_LIST -> list(List.of());
          case PORTS -> new Answer(ReplyStatus.OK, Json.write(ports.get()));
          case STATUS -> new Answer(ReplyStatus.OK, Json.write(status.get()));
          case REPLAY_START, REPLAY_PAUSE, REPLAY_RESUME, REPLAY_SEEK, REPLAY_STOP, REPLAYS_LIST ->
              replays == null
                  ? new Answer(
                      ReplyStatus.INVALID,
                      "the data plane replays nothing: give its configuration a section replay")
                  : replays.command(type, body);
          case ROLES_LIST ->
              new Answer(ReplyStatus.OK, Json.write(Map.of("roles", roles.describe())));
          case ROLE_SET -> {
            roles.set(correlationId, body, events);
            yield null;
          }
          case RULE_ADD, RULE_REMOVE, RULES_REPLACE -> {
            if (waiting.size() < MAX_WAITING) {
              waiting.add(new Change(correlationId, type, body, events));
              pollRules();
              yield null;
            }
            yield new Answer(
                ReplyStatus.FAILED,
                MAX_WAITING + " changes of the rules wait already: try again later");
          }
        };
    if (answer != null) {
      events.reply(correlationId, answer.status(), answer.text());
    }
  }

  /**
   * Answers the changes of roles that are in force, and starts the next change of rules, or ends
   * the one that is compiled.
   *
   * @return how much was done
   */
  int poll() {
    return roles.poll() + pollRules();
  }

  private int pollRules() {
    final Change current = running;
    if (current == null) {
      final Change next = waiting.poll();
      if (next == null) {
        return 0;
      }
      running = next;
      Thread.ofPlatform().name("rule-compiler").daemon().start(next.task);
      return 1;
    }
    if (!current.task.isDone()) {
      return 0;
    }
    running = null;
    Answer answer;
    try {
      final Outcome outcome = current.task.get();
      answer =
          outcome.answer != null
              ? outcome.answer
              : end(Objects.requireNonNull(outcome.compiled), current.dryRun[0]);
    } catch (IOException e) {
      answer =
          new Answer(
              ReplyStatus.FAILED,
              "the rules cannot be persisted, nothing was changed: make room in the state directory ("
                  + e
                  + ")");
    } catch (ConfigException e) {
      answer = new Answer(ReplyStatus.INVALID, String.valueOf(e.getMessage()));
    } catch (InterruptedException | ExecutionException | RuntimeException e) {
      final Throwable cause = e.getCause() == null ? e : e.getCause();
      answer = new Answer(ReplyStatus.FAILED, "the rules were not changed: " + cause.getMessage());
    }
    current.events.reply(current.correlationId, answer.status(), answer.text());
    return 1;
  }

  private Answer end(RuleManager.Compiled compiled, boolean dryRun) throws IOException {
    if (dryRun) {
      compiled.table().close();
    } else {
      rules.apply(compiled);
    }
    return list(compiled.warnings());
  }

  private Answer list(List<String> warnings) {
    return new Answer(ReplyStatus.OK, RuleWriter.write(rules.current(), warnings));
  }

  /** The part that may take long: on its own thread, while no other change is made. */
  private Outcome work(CommandType type, String body, boolean[] dryRun) {
    try {
      final YamlReader reader = YamlReader.of(SOURCE, body);
      return switch (type) {
        case RULE_ADD -> add(RuleReader.rule(reader));
        case RULE_REMOVE -> remove(reader);
        default -> {
          dryRun[0] = reader.bool("dry-run", false);
          yield replace(reader);
        }
      };
    } catch (ConfigException e) {
      return refusal(ReplyStatus.INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static Outcome refusal(ReplyStatus status, String text) {
    return new Outcome(new Answer(status, text), null);
  }

  private Outcome compiled(List<Rule> next) {
    return new Outcome(null, rules.compile(next));
  }

  private Outcome add(Rule rule) {
    if (named(rule.name()) != null) {
      return refusal(
          ReplyStatus.CONFLICT,
          "rule " + rule.name() + " exists: remove it first, or replace the whole set");
    }
    final List<Rule> next = new ArrayList<>(rules.current().rules());
    next.add(rule);
    if (next.size() > RuleReader.MAX_RULES) {
      throw new ConfigException("at most " + RuleReader.MAX_RULES + " rules are allowed");
    }
    return compiled(next);
  }

  private Outcome remove(YamlReader body) {
    final String name = body.text("name");
    body.done();
    final Rule rule = named(name);
    if (rule == null) {
      return refusal(ReplyStatus.NOT_FOUND, "there is no rule " + name);
    }
    final List<Rule> next = new ArrayList<>(rules.current().rules());
    next.remove(rule);
    return compiled(next);
  }

  private Outcome replace(YamlReader body) {
    final long expected = body.optional("if-version", RuleReader::version).orElse(-1L);
    final List<Rule> next = RuleReader.rules(body);
    body.done();
    if (expected >= 0 && expected != rules.current().version()) {
      return refusal(
          ReplyStatus.CONFLICT,
          "the rules have version "
              + rules.current().version()
              + ", not "
              + expected
              + ": read them again");
    }
    return compiled(next);
  }

  private @Nullable Rule named(String name) {
    return rules.current().rules().stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** Waits for what is being compiled and puts it away: control hears that its link has ended. */
  @Override
  public void close() {
    roles.close();
    waiting.clear();
    final Change current = running;
    running = null;
    if (current != null) {
      try {
        final RuleManager.Compiled compiled = current.task.get().compiled;
        if (compiled != null) {
          compiled.table().close();
        }
      } catch (InterruptedException | ExecutionException e) {
        // There is nothing to put away.
        current.task.cancel(false);
      }
    }
  }
}
