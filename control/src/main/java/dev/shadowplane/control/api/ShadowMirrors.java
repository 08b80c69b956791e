package dev.shadowplane.control.api;

import dev.shadowplane.control.shadow.Change;
import dev.shadowplane.control.shadow.Mirrors;
import dev.shadowplane.control.v1.ListRulesResponse;
import dev.shadowplane.control.v1.PortRole;
import dev.shadowplane.control.v1.Role;
import dev.shadowplane.control.v1.Rule;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.telemetry.RuleLedger;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/**
 * The mirror rules of shadows over the attachment. Those whose names shadows may use are replaced
 * together with all others as they are, and only if nobody has changed any meanwhile.
 */
final class ShadowMirrors implements Mirrors {
  private static final int ATTEMPTS = 10;

  private final DataPlaneLink dataPlane;
  private final Predicate<String> ours;

  /** Takes the rules whose names the predicate accepts for those of shadows. */
  ShadowMirrors(final DataPlaneLink dataPlane, final Predicate<String> ours) {
    this.dataPlane = dataPlane;
    this.ours = ours;
  }

  @Override
  public List<Change> replace(
      final List<dev.shadowplane.dataplane.config.Rule> rules, final boolean dryRun)
      throws MirrorException {
    final Map<String, Rule> wanted = new LinkedHashMap<>();
    rules.forEach(
        rule -> wanted.put(rule.name(), RuleObject.read(Json.object(RuleWriter.write(rule)))));
    try {
      for (int attempt = 1; ; attempt++) {
        final ListRulesResponse present = ask(dataPlane.rules());
        final List<Change> changes = changes(present.getRulesList(), wanted);
        if (changes.isEmpty()) {
          return changes;
        }
        try {
          ask(
              dataPlane.replace(
                  merged(present.getRulesList(), wanted),
                  OptionalLong.of(present.getVersion()),
                  dryRun));
          return changes;
        } catch (StatusRuntimeException e) {
          if (e.getStatus().getCode() != Status.Code.ABORTED || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } catch (StatusRuntimeException e) {
      if (rules.isEmpty() && e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
        return List.of();
      }
      throw failure(e);
    }
  }

  @Override
  public void standby(final Collection<String> ports) throws MirrorException {
    if (ports.isEmpty()) {
      return;
    }
    try {
      final Map<String, PortRole> roles = new HashMap<>();
      ask(dataPlane.roles()).getRolesList().forEach(role -> roles.put(role.getPort(), role));
      for (final String port : ports) {
        final PortRole role = roles.get(port);
        if (role == null) {
          throw new MirrorException(
              "port "
                  + port
                  + " is not known to lead to a shadow network, so that nothing is mirrored to it: give it"
                  + " 'shadow: true' in the data plane's configuration",
              false);
        }
        if (role.getRole() != Role.ROLE_STANDBY) {
          ask(
              dataPlane.set(
                  role.toBuilder()
                      .setRole(Role.ROLE_STANDBY)
                      .setEpoch(role.getEpoch() + 1)
                      .build()));
        }
      }
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  private static MirrorException failure(final StatusRuntimeException e) {
    final boolean away = e.getStatus().getCode() == Status.Code.UNAVAILABLE;
    return new MirrorException(
        (away
                ? "the mirror rules wait for the data plane: "
                : "the data plane refuses the mirror rules: ")
            + e.getStatus().getDescription(),
        away);
  }

  private List<Change> changes(final List<Rule> present, final Map<String, Rule> wanted) {
    final Map<String, Rule> before = new LinkedHashMap<>();
    present.stream()
        .filter(rule -> ours.test(rule.getName()))
        .forEach(rule -> before.put(rule.getName(), rule));
    final List<Change> changes = new ArrayList<>();
    before.keySet().stream()
        .filter(name -> !wanted.containsKey(name))
        .forEach(name -> changes.add(change(Change.Action.DELETE, name, List.of())));
    wanted.forEach((name, rule) -> {
      final Rule was = before.get(name);
      if (was == null) {
        changes.add(change(Change.Action.CREATE, name, List.of()));
      } else if (!was.equals(rule)) {
        changes.add(
            change(
                Change.Action.CHANGE,
                name,
                List.of(
                    "is "
                        + Json.write(RuleObject.write(rule))
                        + ", was "
                        + Json.write(RuleObject.write(was)))));
      }
    });
    return changes;
  }

  private static Change change(
      final Change.Action action, final String rule, final List<String> differences) {
    return new Change(action, "rule " + rule, differences, "");
  }

  private List<Rule> merged(final List<Rule> present, final Map<String, Rule> wanted) {
    final List<Rule> merged = new ArrayList<>();
    present.stream().filter(rule -> !ours.test(rule.getName())).forEach(merged::add);
    merged.addAll(wanted.values());
    return merged;
  }

  private static <T> T ask(final CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw Failures.of(e);
    }
  }

  @Override
  public List<RuleLedger> ledgers() {
    try {
      return RuleLedger.read(dataPlane.counters());
    } catch (StatusRuntimeException e) {
      return List.of();
    }
  }

  @Override
  public void onAttach(final Runnable listener) {
    dataPlane.onAttach(listener);
  }
}
