package dev.shadowplane.control.shadow;

import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.dataplane.config.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One template's networks: brings them to what the template says, again and again, whatever
 * happened meanwhile. What is wanted is kept before anything is done for it, so a pass that ends in
 * the middle is finished by the next one. One thread at a time; what is wanted and what was seen
 * last may be read by any.
 */
final class ManagedNetwork {
  private final String name;
  private final NetworkStore store;
  private final Map<String, Provisioner> provisioners;
  private final MirrorRules mirrors;
  private volatile State state;
  private volatile Seen seen = new Seen(0, Map.of());
  private Set<String> standingDrift = Set.of();

  /**
   * What is wanted.
   *
   * @param wanted null if the template was deleted.
   * @param revision the version of the template; 0 likewise.
   * @param paused whether mirroring is off.
   * @param outcome how far this was brought.
   * @param obstacle why nothing may be done; empty if it may.
   */
  record State(
      @Nullable Wanted wanted, long revision, boolean paused, Outcome outcome, String obstacle) {
    /** Of a network that ought not to be there. */
    static State deleted(final Outcome outcome) {
      return new State(null, 0, false, outcome, "");
    }

    /** The mirror rules that ought to be in force. */
    List<Rule> rules() {
      return wanted == null || paused ? List.of() : wanted.rules();
    }
  }

  /** What was observed last, and when, in nanoseconds since 1970. */
  record Seen(long atNs, Map<Claim, List<Observed>> items) {}

  ManagedNetwork(
      final String name,
      final NetworkStore store,
      final Map<String, Provisioner> provisioners,
      final MirrorRules mirrors,
      final State state) {
    this.name = name;
    this.store = store;
    this.provisioners = provisioners;
    this.mirrors = mirrors;
    this.state = state;
  }

  String name() {
    return name;
  }

  State state() {
    return state;
  }

  Seen seen() {
    return seen;
  }

  /** Wants something else from now on; it has been kept already. */
  void want(final @Nullable Wanted wanted, final long revision, final boolean paused) {
    state = new State(wanted, revision, paused, state.outcome(), "");
  }

  /** Whether nothing is wanted and nothing is left. */
  boolean gone() {
    return state.wanted() == null && state.obstacle().isEmpty() && store.claims(name).isEmpty();
  }

  /** Every name that belongs to it: its own, its shadow's, and those of what is being deleted. */
  Set<String> names() {
    final Set<String> names = new HashSet<>();
    names.add(name);
    final Wanted wanted = state.wanted();
    if (wanted != null && !wanted.shadow().isEmpty()) {
      names.add(wanted.shadow());
    }
    store.claims(name).forEach(claim -> names.add(claim.network()));
    return names;
  }

  /** What would be done if this were wanted; changes nothing. */
  Report preview(final Wanted wanted) {
    final Pass pass = new Pass();
    for (final Claim claim : claims(wanted)) {
      try {
        pass.changes.addAll(ItemPlan.of(wanted.items(claim), observe(claim)).changes());
      } catch (ProvisionException e) {
        pass.problems.add(cannotAsk(claim, e));
      }
    }
    try {
      pass.changes.addAll(mirrors.preview(name, state.paused() ? List.of() : wanted.rules()));
    } catch (Mirrors.MirrorException e) {
      pass.mirrorProblem(e);
    }
    return pass.report(name, 0);
  }

  /** One pass. */
  Report reconcile() {
    final Pass pass = new Pass();
    if (!state.obstacle().isEmpty()) {
      pass.problems.add(state.obstacle());
      return pass.report(name, state.revision());
    }
    final List<Rule> stay = withoutUnwanted();
    if (!stay.equals(mirrors.of(name))) {
      mirror(stay, pass);
    }
    final Map<Claim, ItemPlan> plans = new LinkedHashMap<>();
    for (final Claim claim : claims(state.wanted())) {
      try {
        plans.put(claim, plan(claim, pass));
      } catch (ProvisionException e) {
        pass.problems.add(cannotAsk(claim, e));
        pass.incomplete = true;
      }
    }
    noteDrift(plans.values(), pass.drift);
    final List<Claim> empty = new ArrayList<>();
    plans.forEach((claim, plan) -> {
      try {
        if (carryOut(claim, plan, pass)) {
          empty.add(claim);
        }
      } catch (ProvisionException e) {
        pass.problems.add(cannotAsk(claim, e));
        pass.incomplete = true;
      }
    });
    standingDrift = pass.drift;
    seen = new Seen(now(), pass.observed);
    mirror(state.rules(), pass);
    if (!empty.isEmpty()) {
      store.release(name, empty);
    }
    final Report report = pass.report(name, state.revision());
    keep(report, pass.incomplete);
    return report;
  }

  private List<Item> wantedItems(final Claim claim) {
    final Wanted wanted = state.wanted();
    return wanted == null ? List.of() : wanted.items(claim);
  }

  private ItemPlan plan(final Claim claim, final Pass pass) throws ProvisionException {
    final List<Observed> observed = observe(claim);
    pass.observed.put(claim, observed);
    final ItemPlan plan = ItemPlan.of(wantedItems(claim), observed);
    pass.problems.addAll(failing(plan, observed));
    return plan;
  }

  /** Brings one network about; whether nothing is wanted there and nothing is left. */
  private boolean carryOut(final Claim claim, final ItemPlan plan, final Pass pass)
      throws ProvisionException {
    final List<Observed> before = pass.observed.getOrDefault(claim, List.of());
    if (!plan.steps().isEmpty()) {
      final List<Change> results = carryOut(claim, plan);
      pass.changes.addAll(results);
      pass.incomplete |= results.stream().anyMatch(change -> !change.problem().isEmpty());
      pass.observed.put(claim, after(before, plan, results));
    }
    return wantedItems(claim).isEmpty() && (before.isEmpty() || observe(claim).isEmpty());
  }

  /** What has come of a pass so far. */
  private static final class Pass {
    private final List<Change> changes = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> waiting = new ArrayList<>();
    private final Set<String> drift = new HashSet<>();
    private final Map<Claim, List<Observed>> observed = new LinkedHashMap<>();
    private boolean incomplete;

    void mirrorProblem(final Mirrors.MirrorException e) {
      final List<String> list = e.away() ? waiting : problems;
      if (!list.contains(e.getMessage())) {
        list.add(e.getMessage());
      }
    }

    Report report(final String network, final long revision) {
      return new Report(network, revision, changes, problems, waiting);
    }
  }

  /** Looks at everything, and changes nothing. */
  Seen look() {
    final Map<Claim, List<Observed>> observed = new LinkedHashMap<>();
    for (final Claim claim : claims(state.wanted())) {
      try {
        observed.put(claim, observe(claim));
      } catch (ProvisionException e) {
        final List<Observed> last = seen.items().get(claim);
        if (last != null) {
          observed.put(claim, last);
        }
      }
    }
    seen = new Seen(now(), observed);
    return seen;
  }

  /** Production first, so that what a shadow is fed from is there; what is to go, before both. */
  private List<Claim> claims(final @Nullable Wanted wanted) {
    final List<Claim> claims = new ArrayList<>(store.claims(name));
    if (wanted != null) {
      for (final Wanted.Place place : wanted.places()) {
        claims.remove(place.claim());
        claims.add(place.claim());
      }
    }
    return claims;
  }

  private List<Observed> observe(final Claim claim) throws ProvisionException {
    return provisioner(claim).observe(claim.network());
  }

  private Provisioner provisioner(final Claim claim) throws ProvisionException {
    final Provisioner provisioner = provisioners.get(claim.provisioner());
    if (provisioner == null) {
      throw new ProvisionException("this control is configured without it");
    }
    return provisioner;
  }

  private static String cannotAsk(final Claim claim, final ProvisionException e) {
    return "the provisioner "
        + claim.provisioner()
        + " cannot be asked about network "
        + claim.network()
        + ": "
        + e.getMessage();
  }

  private List<Change> carryOut(final Claim claim, final ItemPlan plan) throws ProvisionException {
    final Map<Step, String> told = new HashMap<>();
    provisioner(claim)
        .carryOut(
            claim.network(),
            plan.steps(),
            new Provisioner.Listener() {
              @Override
              public void done(final Step step) {
                tell(step, "");
              }

              @Override
              public void failed(final Step step, final String reason) {
                tell(step, reason.isBlank() ? "no reason was given" : reason);
              }

              private void tell(final Step step, final String problem) {
                synchronized (told) {
                  told.put(step, problem);
                }
              }
            });
    final List<Change> results = new ArrayList<>();
    synchronized (told) {
      for (int i = 0; i < plan.steps().size(); i++) {
        results.add(
            plan.changes()
                .get(i)
                .failed(
                    told.getOrDefault(
                        plan.steps().get(i), "the provisioner did not say what became of it")));
      }
    }
    return results;
  }

  /** What is in force of what is no longer wanted goes first, and everything else stays. */
  private List<Rule> withoutUnwanted() {
    final Set<String> wanted =
        state.rules().stream().map(Rule::name).collect(Collectors.toUnmodifiableSet());
    return mirrors.of(name).stream().filter(rule -> wanted.contains(rule.name())).toList();
  }

  private void mirror(final List<Rule> rules, final Pass pass) {
    try {
      pass.changes.addAll(mirrors.put(name, rules));
    } catch (Mirrors.MirrorException e) {
      pass.mirrorProblem(e);
    }
  }

  /** What is there after a plan was carried out, as far as was told. */
  private static List<Observed> after(
      final List<Observed> before, final ItemPlan plan, final List<Change> results) {
    final Map<ItemKey, Observed> items = new LinkedHashMap<>();
    before.forEach(item -> items.put(item.key(), item));
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i).problem().isEmpty()) {
        switch (plan.steps().get(i)) {
          case Step.Put put ->
              items.put(put.key(), new Observed(put.key(), put.item(), List.of(), true));
          case Step.Delete delete -> items.remove(delete.key());
        }
      }
    }
    return List.copyOf(items.values());
  }

  /** A difference from what had been brought about is drift; each is reported once. */
  private void noteDrift(final Collection<ItemPlan> plans, final Set<String> drift) {
    if (!state.outcome().complete() || state.outcome().revision() != state.revision()) {
      return;
    }
    final List<String> found = new ArrayList<>();
    for (final ItemPlan plan : plans) {
      for (final Change change : plan.changes()) {
        switch (change.action()) {
          case CREATE -> found.add(change.what() + " was gone");
          case DELETE -> found.add(change.what() + " was there, which the template does not have");
          case CHANGE ->
              change.differences().forEach(sentence -> found.add(change.what() + ": " + sentence));
        }
      }
    }
    drift.addAll(found);
    found.removeAll(standingDrift);
    if (!found.isEmpty()) {
      store.drifted(name, found);
    }
  }

  private static List<String> failing(final ItemPlan plan, final List<Observed> observed) {
    final Set<Object> changing =
        plan.steps().stream().map(Step::key).collect(Collectors.toUnmodifiableSet());
    return observed.stream()
        .filter(item -> !item.passing() && !changing.contains(item.key()))
        .map(item -> item.key() + " does not pass its check")
        .toList();
  }

  private void keep(final Report report, final boolean incomplete) {
    final List<String> problems = new ArrayList<>(report.problems());
    report.changes().stream()
        .filter(change -> !change.problem().isEmpty())
        .forEach(change -> problems.add(change.what() + ": " + change.problem()));
    final boolean complete =
        !incomplete
            || (state.outcome().complete() && state.outcome().revision() == state.revision());
    final Outcome outcome = new Outcome(state.revision(), complete, problems);
    if (gone()) {
      store.outcome(name, Optional.empty());
    } else if (!outcome.equals(state.outcome())) {
      store.outcome(name, Optional.of(outcome));
    }
    state = new State(state.wanted(), state.revision(), state.paused(), outcome, "");
  }

  private static long now() {
    return System.currentTimeMillis() * 1_000_000;
  }
}
