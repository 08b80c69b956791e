package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.DataPlane;
import dev.shadowplane.control.v1.ListPortsResponse;
import dev.shadowplane.control.v1.ListReplaysResponse;
import dev.shadowplane.control.v1.ListRolesResponse;
import dev.shadowplane.control.v1.ListRulesResponse;
import dev.shadowplane.control.v1.PortRole;
import dev.shadowplane.control.v1.Rule;
import dev.shadowplane.dataplane.telemetry.AttachmentClient;
import dev.shadowplane.dataplane.telemetry.AttachmentListener;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands of the data plane, and what is known of it. The data plane owns the rules; control
 * keeps no set of its own that could differ, and reads version and rules anew at each attachment
 * and after each change. Methods may be called from any thread and never wait; futures complete on
 * the thread of {@link #agent()} and fail with a {@link io.grpc.StatusRuntimeException}.
 */
final class DataPlaneLink {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlaneLink.class);
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);

  private final Path directory;
  private final AttachmentClient client;
  private volatile ListRulesResponse lastRules = ListRulesResponse.getDefaultInstance();
  private final List<Runnable> attachListeners = new CopyOnWriteArrayList<>();
  private volatile String obstacle = "";

  DataPlaneLink(final Path directory, final RecordRings<OneToOneRingBuffer> records) {
    this.directory = directory;
    this.client = new AttachmentClient(directory, COMMAND_TIMEOUT, new Listener(), records);
  }

  /** The agent that keeps the attachment; whoever runs it also closes it. */
  Agent agent() {
    return client;
  }

  /** Runs something on the agent's thread whenever a data plane is attached; not for long. */
  void onAttach(final Runnable listener) {
    attachListeners.add(listener);
  }

  /** Takes what the agent threw, which it does again in each cycle while the reason lasts. */
  void obstructed(final Throwable thrown) {
    final String message = String.valueOf(thrown.getMessage());
    if (!message.equals(obstacle)) {
      obstacle = message;
      LOG.warn("no data plane is attached: {}", message);
    }
  }

  /** The counters of the data plane that was seen last. */
  CountersView counters() {
    final CountersView counters = client.counters();
    if (counters == null || !counters.isAlive()) {
      throw Status.UNAVAILABLE
          .withDescription(
              "no data plane runs in "
                  + directory
                  + ": start it, or correct 'directory' in the configuration of control")
          .asRuntimeException();
    }
    return counters;
  }

  CompletableFuture<DataPlane> status() {
    return ask(CommandType.STATUS, "", reply -> Replies.status(reply))
        .thenApply(status ->
            status.toBuilder()
                .setEpoch(client.dataplaneEpoch())
                .setPid(counters().pid())
                .setRulesVersion(lastRules.getVersion())
                .setRuleCount(lastRules.getRulesCount())
                .build());
  }

  CompletableFuture<ListPortsResponse> ports() {
    return ask(CommandType.PORTS, "", Replies::ports);
  }

  CompletableFuture<ListRulesResponse> rules() {
    return ruleSet(CommandType.RULES_LIST, "");
  }

  /** Adds a rule; the rule set after it. */
  CompletableFuture<ListRulesResponse> add(final Rule rule) {
    return change(CommandType.RULE_ADD, RuleObject.write(rule));
  }

  /** Removes a rule; the rule set after it. */
  CompletableFuture<ListRulesResponse> remove(final String name) {
    return change(CommandType.RULE_REMOVE, Map.of("name", name));
  }

  /** Replaces all rules, or only tries whether that would be possible; the rule set after it. */
  CompletableFuture<ListRulesResponse> replace(
      final List<Rule> rules, final OptionalLong ifVersion, final boolean dryRun) {
    final Map<String, Object> body = new LinkedHashMap<>();
    body.put("rules", rules.stream().map(RuleObject::write).toList());
    ifVersion.ifPresent(version -> body.put("if-version", version));
    if (dryRun) {
      body.put("dry-run", true);
    }
    return change(CommandType.RULES_REPLACE, body);
  }

  CompletableFuture<ListRolesResponse> roles() {
    return ask(CommandType.ROLES_LIST, "", RoleObject::list);
  }

  /** Gives a shadow network a role; all roles once it is in force. */
  CompletableFuture<ListRolesResponse> set(final PortRole role) {
    return ask(CommandType.ROLE_SET, Json.write(RoleObject.write(role)), RoleObject::list);
  }

  /** Carries out a command about replays; the replays that it is about. */
  CompletableFuture<ListReplaysResponse> replays(
      final CommandType type, final Map<String, Object> body) {
    return ask(type, body.isEmpty() ? "" : Json.write(body), ReplayObject::list);
  }

  private CompletableFuture<ListRulesResponse> change(
      final CommandType type, final Map<String, Object> body) {
    return ruleSet(type, Json.write(body));
  }

  /** Each command on rules is answered with the rule set after it. */
  private CompletableFuture<ListRulesResponse> ruleSet(final CommandType type, final String body) {
    return ask(type, body, Replies::rules)
        .thenApply(rules -> {
          lastRules = rules.toBuilder().clearWarnings().build();
          return rules;
        });
  }

  private <T> CompletableFuture<T> ask(
      final CommandType type, final String body, final Function<Map<String, Object>, T> reader) {
    return client
        .submit(type, body)
        .handle((reply, thrown) -> {
          if (thrown != null) {
            throw Failures.of(thrown);
          }
          if (reply.status() != ReplyStatus.OK) {
            throw Failures.of(reply);
          }
          return read(type, reply.text(), reader);
        });
  }

  private static <T> T read(
      final CommandType type, final String text, final Function<Map<String, Object>, T> reader) {
    try {
      return reader.apply(text.isBlank() ? Map.of() : Json.object(text));
    } catch (IllegalArgumentException e) {
      throw Status.INTERNAL
          .withDescription(
              "the data plane's answer to "
                  + type
                  + " cannot be read: "
                  + e.getMessage()
                  + "; run control and data plane of the same version")
          .asRuntimeException();
    }
  }

  private final class Listener implements AttachmentListener {
    @Override
    public void attached(final long dataplaneEpoch, final long controlEpoch) {
      obstacle = "";
      attachListeners.forEach(Runnable::run);
      final CompletableFuture<ListRulesResponse> _ =
          rules()
              .whenComplete((rules, thrown) -> {
                if (thrown != null) {
                  LOG.warn(
                      "the rules of the data plane could not be read: {}", thrown.getMessage());
                }
              });
    }

    @Override
    public void detached(final String reason) {
      LOG.warn("the data plane is no longer attached: {}", reason);
    }

    @Override
    public void event(final int type, final String text) {
      LOG.info("the data plane says: {}", text);
    }
  }
}
