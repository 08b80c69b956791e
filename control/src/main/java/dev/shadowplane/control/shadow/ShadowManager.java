package dev.shadowplane.control.shadow;

import dev.shadowplane.control.plan.Planner;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.shadow.ShadowException.Reason;
import dev.shadowplane.control.store.ConfigStore;
import dev.shadowplane.control.template.Template;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the networks that templates describe, and their shadows, as they are described. Whatever is
 * wanted is in the store before anything is done for it: what a crash interrupts is finished after
 * the next start, and what changes behind our back is brought back and reported as drift.
 * Operations on one network are carried out one after the other, in the order of the calls; those
 * on several at the same time. Safe for several threads.
 */
public final class ShadowManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShadowManager.class);
  private static final int MAX_EVENTS = 100;
  private static final int MAX_VERSIONS = 1_000;

  private final NetworkStore store;
  private final Templates templates;
  private final Map<String, Provisioner> provisioners;
  private final MirrorRules rules;
  private final Mirrors mirrors;
  private final Settings settings;
  private final ScheduledExecutorService timer;
  private final NetworkLoops loops;
  private final Object names = new Object();

  /**
   * Takes up the networks of a store. It begins to work with {@link #start}.
   *
   * @param store what is wanted; stays the caller's.
   * @param planner says what templates come to.
   * @param provisioners by name; they stay the caller's.
   * @param mirrors the data plane's rules.
   * @param settings how networks are looked after.
   */
  public ShadowManager(
      final ConfigStore store,
      final Planner planner,
      final Collection<Provisioner> provisioners,
      final Mirrors mirrors,
      final Settings settings) {
    this.store = new NetworkStore(store);
    this.templates = new Templates(planner);
    this.provisioners = new HashMap<>();
    provisioners.forEach(provisioner -> this.provisioners.put(provisioner.name(), provisioner));
    this.rules = new MirrorRules(mirrors);
    this.mirrors = mirrors;
    this.settings = settings;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("shadows-timer").daemon().factory());
    this.loops = new NetworkLoops(this.store, this.provisioners, rules, settings, timer);
  }

  /** Brings every network to what is wanted, and keeps it there until {@link #close}. */
  public void start() {
    store.names().forEach(name -> loops.add(name, stored(name)));
    loops.networks().forEach(network -> rules.note(network.name(), network.state().rules()));
    provisioners.values().forEach(provisioner -> provisioner.onChange(loops::look));
    mirrors.onAttach(() -> timer.execute(this::attached));
    loops.lookAtAll();
    final long everyMs = settings.lookEvery().toMillis();
    final Future<?> _ =
        timer.scheduleWithFixedDelay(loops::lookAtAll, everyMs, everyMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Gets a network and its shadow to what a template says.
   *
   * @param source what to call the template in messages.
   * @param text the template.
   * @param dryRun whether only to tell what would be done.
   * @return what came of it; fails with a {@link ShadowException} if nothing was begun.
   */
  public CompletableFuture<Report> apply(
      final String source, final String text, final boolean dryRun) {
    return apply(templates.read(source, text), dryRun);
  }

  private CompletableFuture<Report> apply(final Wanted wanted, final boolean dryRun) {
    if (!dryRun) {
      return loops.submit(wanted.name(), true, network -> keep(network, wanted));
    }
    checkNames(wanted);
    return loops.ask(wanted.name(), network -> network.preview(wanted));
  }

  /** Ends mirroring to a shadow; the shadow stays. */
  public CompletableFuture<Report> pause(final String name) {
    return pause(name, true);
  }

  /** Mirrors again. */
  public CompletableFuture<Report> resume(final String name) {
    return pause(name, false);
  }

  private CompletableFuture<Report> pause(final String name, final boolean paused) {
    return loops.submit(
        loops.find(name),
        false,
        network -> {
          final ManagedNetwork.State state = network.state();
          shadowOf(state, network.name());
          store.pause(network.name(), paused);
          network.want(state.wanted(), state.revision(), paused);
        });
  }

  /**
   * Gives a shadow other shares of what production has; what is null stays. This is another version
   * of its template.
   *
   * @param name the shadow or its network.
   * @param cpuFactor of the processors, above 0, at most 4.
   * @param memoryFactor of the memory, likewise.
   * @param samplePercent of the flows, above 0, at most 100.
   */
  public CompletableFuture<Report> resize(
      final String name,
      final @Nullable Double cpuFactor,
      final @Nullable Double memoryFactor,
      final @Nullable Double samplePercent) {
    final Resize resize = new Resize(cpuFactor, memoryFactor, samplePercent);
    return loops.submit(
        loops.find(name),
        false,
        network ->
            keep(network, templates.of(resize.of(shadowOf(network.state(), network.name())))));
  }

  /**
   * Removes a shadow or, given the name of a network, the network as well, and everything of it.
   * The shadow of a network that nobody provisions goes with its template.
   */
  public CompletableFuture<Report> delete(final String name) {
    return loops.submit(
        loops.find(name),
        false,
        network -> {
          final Wanted wanted = network.state().wanted();
          if (wanted != null && wanted.shadow().equals(name) && wanted.providesProduction()) {
            keep(network, templates.of(Resize.withoutShadow(wanted.template())));
          } else {
            store.remove(network.name());
            network.want(null, 0, false);
          }
        });
  }

  /** The templates that there are, each the same object as long as it stays. Does not wait. */
  public List<Template> wanted() {
    return loops.networks().stream()
        .map(network -> network.state().wanted())
        .filter(Objects::nonNull)
        .map(Wanted::template)
        .toList();
  }

  /** Every network, by name. */
  public List<Summary> list() {
    return loops.summaries();
  }

  /**
   * What is known of a network and its shadow. It is looked at afresh unless it is being worked on.
   *
   * @param name the shadow or its network.
   */
  public CompletableFuture<Description> describe(final String name) {
    return loops.look(
        name,
        (network, seen) ->
            Description.of(
                loops.summary(network.name()),
                network.state(),
                seen,
                mirrors.ledgers(),
                store.drift(network.name(), MAX_EVENTS)));
  }

  /**
   * How a shadow differs from production, and both from the template.
   *
   * @param name the shadow or its network.
   */
  public CompletableFuture<Drift> drift(final String name) {
    return loops.look(
        name,
        (network, seen) ->
            Drift.of(network.state(), seen, store.drift(network.name(), MAX_EVENTS)));
  }

  /**
   * The versions of a template, newest first, also of one that was deleted.
   *
   * @param name the network, or a shadow that there is.
   */
  public List<TemplateVersion> history(final String name) {
    return TemplateVersion.of(versions(name), Templates::tree);
  }

  /**
   * The template that a network had at a time, in YAML.
   *
   * @param name the network, or a shadow that there is.
   * @param atNs in nanoseconds since 1970.
   */
  public String templateAt(final String name, final long atNs) {
    return store
        .templateAt(loops.networkOf(name), atNs)
        .map(Templates::yaml)
        .orElseThrow(() ->
            new ShadowException(
                Reason.NOT_FOUND,
                "network " + name + " had no template then: see its history for the times"));
  }

  /** A version of a template, in YAML. */
  public String templateOf(final String name, final long revision) {
    return versions(name).stream()
        .filter(version -> version.revision() == revision)
        .findFirst()
        .flatMap(ConfigStore.Version::value)
        .map(Templates::yaml)
        .orElseThrow(() ->
            new ShadowException(
                Reason.NOT_FOUND,
                "the template of " + name + " has no version " + revision + ": see its history"));
  }

  private List<ConfigStore.Version> versions(final String name) {
    final List<ConfigStore.Version> versions = store.templates(loops.networkOf(name), MAX_VERSIONS);
    if (versions.isEmpty()) {
      throw NetworkLoops.unknown(name);
    }
    return versions;
  }

  /** Keeps a template, unless it is kept already, and wants it. */
  private void keep(final ManagedNetwork network, final Wanted wanted) {
    final ManagedNetwork.State state = network.state();
    // Under one lock for all networks, so that two cannot take one name at the same time.
    synchronized (names) {
      checkNames(wanted);
      final boolean same = state.wanted() != null && state.wanted().text().equals(wanted.text());
      final long revision = same ? state.revision() : store.put(wanted);
      final boolean paused = state.paused() && !wanted.shadow().isEmpty();
      if (paused != state.paused()) {
        store.pause(network.name(), paused);
      }
      network.want(wanted, revision, paused);
    }
  }

  /** Refuses names that belong to another network, and provisioners that nobody has set up. */
  private void checkNames(final Wanted wanted) {
    for (final ManagedNetwork other : loops.networks()) {
      if (!other.name().equals(wanted.name())) {
        for (final String taken : other.names()) {
          if (taken.equals(wanted.name()) || taken.equals(wanted.shadow())) {
            throw new ShadowException(
                Reason.TAKEN,
                "the name "
                    + taken
                    + " belongs to the template of network "
                    + other.name()
                    + ": choose another, or delete that first");
          }
        }
      }
    }
    for (final Wanted.Place place : wanted.places()) {
      if (!provisioners.containsKey(place.claim().provisioner())) {
        throw new ShadowException(
            Reason.NOT_SET_UP,
            "network "
                + place.claim().network()
                + " is for the provisioner "
                + place.claim().provisioner()
                + ", and this control has "
                + (provisioners.isEmpty() ? "none" : "only " + new TreeSet<>(provisioners.keySet()))
                + ": configure it, or name another in the template");
      }
    }
  }

  private void attached() {
    try {
      final List<Change> changes = rules.sync();
      if (!changes.isEmpty()) {
        LOG.info("the data plane was brought to the rules of shadows: {}", changes);
      }
    } catch (Mirrors.MirrorException e) {
      LOG.warn("the rules of shadows could not be applied: {}", e.getMessage());
    }
    loops.lookAtAll();
  }

  private ManagedNetwork.State stored(final String name) {
    final Outcome outcome = store.outcome(name);
    final Optional<String> text = store.template(name);
    if (text.isEmpty()) {
      return ManagedNetwork.State.deleted(outcome);
    }
    try {
      return new ManagedNetwork.State(
          templates.read("the store", text.get()),
          store.revision(name),
          store.paused(name),
          outcome,
          "");
    } catch (ShadowException e) {
      LOG.error(
          "network {} is left as it is: its template cannot be read: {}", name, e.getMessage());
      return new ManagedNetwork.State(
          null,
          store.revision(name),
          store.paused(name),
          outcome,
          "its template cannot be read, and everything but its mirror rules is left as it is ("
              + e.getMessage()
              + "): apply it again");
    }
  }

  private static Template shadowOf(final ManagedNetwork.State state, final String name) {
    if (state.wanted() == null || state.wanted().template().shadow() == null) {
      throw new ShadowException(
          Reason.NOT_FOUND, "network " + name + " has no shadow: apply a template with one");
    }
    return state.wanted().template();
  }

  /** Ends all work, in the middle if need be; the next start goes on. */
  @Override
  public void close() {
    timer.shutdownNow();
    loops.close();
  }
}
