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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Carries out what control asks. A refused command has changed nothing. The conductor's thread. */
final class Commands implements CommandHandler {
  private static final String SOURCE = "command";

  private final RuleManager rules;
  private final Supplier<Map<String, Object>> ports;
  private final Supplier<Map<String, Object>> status;

  /** An answer. */
  private record Answer(ReplyStatus status, String text) {}

  Commands(
      RuleManager rules,
      Supplier<Map<String, Object>> ports,
      Supplier<Map<String, Object>> status) {
    this.rules = rules;
    this.ports = ports;
    this.status = status;
  }

  @Override
  public void command(long correlationId, CommandType type, String body, EventSender events) {
    Answer answer;
    try {
      answer = carryOut(type, body);
    } catch (ConfigException e) {
      answer = new Answer(ReplyStatus.INVALID, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      answer =
          new Answer(
              ReplyStatus.FAILED,
              "the rules cannot be persisted, nothing was changed: make room in the state directory ("
                  + e
                  + ")");
    }
    events.reply(correlationId, answer.status(), answer.text());
  }

  private Answer carryOut(CommandType type, String body) throws IOException {
    return switch (type) {
      case RULES_LIST -> list();
      case RULE_ADD -> add(RuleReader.rule(YamlReader.of(SOURCE, body)));
      case RULE_REMOVE -> remove(YamlReader.of(SOURCE, body));
      case RULES_REPLACE -> replace(YamlReader.of(SOURCE, body));
      case PORTS -> new Answer(ReplyStatus.OK, Json.write(ports.get()));
      case STATUS -> new Answer(ReplyStatus.OK, Json.write(status.get()));
    };
  }

  private Answer list() {
    return new Answer(ReplyStatus.OK, RuleWriter.write(rules.current()));
  }

  private Answer add(Rule rule) throws IOException {
    if (named(rule.name()) != null) {
      return new Answer(
          ReplyStatus.CONFLICT,
          "rule " + rule.name() + " exists: remove it first, or replace the whole set");
    }
    final List<Rule> next = new ArrayList<>(rules.current().rules());
    next.add(rule);
    if (next.size() > RuleReader.MAX_RULES) {
      throw new ConfigException("at most " + RuleReader.MAX_RULES + " rules are allowed");
    }
    rules.apply(next);
    return list();
  }

  private Answer remove(YamlReader body) throws IOException {
    final String name = body.text("name");
    body.done();
    final Rule rule = named(name);
    if (rule == null) {
      return new Answer(ReplyStatus.NOT_FOUND, "there is no rule " + name);
    }
    final List<Rule> next = new ArrayList<>(rules.current().rules());
    next.remove(rule);
    rules.apply(next);
    return list();
  }

  private Answer replace(YamlReader body) throws IOException {
    final long expected = body.optional("if-version", RuleReader::version).orElse(-1L);
    final List<Rule> next = RuleReader.rules(body);
    body.done();
    if (expected >= 0 && expected != rules.current().version()) {
      return new Answer(
          ReplyStatus.CONFLICT,
          "the rules have version "
              + rules.current().version()
              + ", not "
              + expected
              + ": read them again");
    }
    rules.apply(next);
    return list();
  }

  private @Nullable Rule named(String name) {
    return rules.current().rules().stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElse(null);
  }
}
