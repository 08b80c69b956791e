package dev.shadowplane.control.shadow;

import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.shadow.ShadowException.Reason;
import dev.shadowplane.control.store.ConfigStore;
import dev.shadowplane.control.template.Template;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
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
  /** The most templates that are kept. */
  public static final int MAX_NETWORKS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(ShadowManager.class);
  private static final long CLOSE_SECONDS = 10;
  private static final int MAX_EVENTS = 100;
  private static final int MAX_VERSIONS = 1_000;

  private final NetworkStore store;
  private final Templates templates;
  private final Map<String, Provisioner> provisioners;
  private final MirrorRules rules;
  private final Mirrors mirrors;
  private final Settings settings;
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final Object names = new Object();
  private final Map<String, Loop> loops = new ConcurrentSkipListMap<>();

  /** A network and what is done about it. */
  private record Loop(ManagedNetwork network, SerialQueue queue, Retry retry) {}

  /**
   * Takes up the networks of a store. It begins to work with {@link #start}.
   *
   * @param store what is wanted; stays the caller's.
   * @param templates reads templates.
   * @param provisioners by name; they stay the caller's.
   * @param mirrors the data plane's rules.
   * @param settings how networks are looked after.
   */
  public ShadowManager(
      final ConfigStore store,
      final Templates templates,
      final Collection<Provisioner> provisioners,
      final Mirrors mirrors,
      final Settings settings) {
    this.store = new NetworkStore(store);
    this.templates = templates;
    this.provisioners = new HashMap<>();
    provisioners.forEach(provisioner -> this.provisioners.put(provisioner.name(), provisioner));
    this.rules = new MirrorRules(mirrors);
    this.mirrors = mirrors;
    this.settings = settings;
    this.threads =
        Executors.newFixedThreadPool(
            settings.threads(), Thread.ofPlatform().name("shadows-", 0).factory());
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("shadows-timer").daemon().factory());
  }

  /** Brings every network to what is wanted, and keeps it there until {@link #close}. */
  public void start() {
    for (final String name : store.names()) {
      loops.put(name, loop(name, stored(name)));
    }
    for (final Loop loop : loops.values()) {
      rules.note(loop.network().name(), loop.network().state().rules());
    }
    provisioners.values().forEach(provisioner -> provisioner.onChange(this::changed));
    mirrors.onAttach(() -> timer.execute(this::attached));
    loops.values().forEach(this::look);
    final long everyMs = settings.lookEvery().toMillis();
    final Future<?> _ =
        timer.scheduleWithFixedDelay(
            () -> loops.values().forEach(this::look), everyMs, everyMs, TimeUnit.MILLISECONDS);
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
      return submit(wanted.name(), true, network -> keep(network, wanted));
    }
    checkNames(wanted);
    final Loop loop = loops.get(wanted.name());
    final Loop looked =
        loop == null ? loop(wanted.name(), ManagedNetwork.State.deleted(Outcome.NONE)) : loop;
    return looked.queue().submit(() -> looked.network().preview(wanted));
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
    return submit(
        find(name),
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
    return submit(
        find(name),
        false,
        network ->
            keep(network, templates.of(resize.of(shadowOf(network.state(), network.name())))));
  }

  /**
   * Removes a shadow or, given the name of a network, the network as well, and everything of it.
   * The shadow of a network that nobody provisions goes with its template.
   */
  public CompletableFuture<Report> delete(final String name) {
    return submit(
        find(name),
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

  /** Every network, by name. */
  public List<Summary> list() {
    return loops.values().stream().map(ShadowManager::summary).toList();
  }

  /**
   * What is known of a network and its shadow. It is looked at afresh unless it is being worked on.
   *
   * @param name the shadow or its network.
   */
  public CompletableFuture<Description> describe(final String name) {
    return look(
        name,
        (loop, seen) ->
            Description.of(
                summary(loop),
                loop.network().state(),
                seen,
                mirrors.ledgers(),
                store.drift(loop.network().name(), MAX_EVENTS)));
  }

  /**
   * How a shadow differs from production, and both from the template.
   *
   * @param name the shadow or its network.
   */
  public CompletableFuture<Drift> drift(final String name) {
    return look(
        name,
        (loop, seen) ->
            Drift.of(loop.network().state(), seen, store.drift(loop.network().name(), MAX_EVENTS)));
  }

  /**
   * The versions of a template, newest first, also of one that was deleted.
   *
   * @param name the network, or a shadow that there is.
   */
  public List<TemplateVersion> history(final String name) {
    return TemplateVersion.of(versions(name), templates::tree);
  }

  /**
   * The template that a network had at a time.
   *
   * @param name the network, or a shadow that there is.
   * @param atNs in nanoseconds since 1970.
   */
  public String templateAt(final String name, final long atNs) {
    return store
        .templateAt(networkOf(name), atNs)
        .orElseThrow(() ->
            new ShadowException(
                Reason.NOT_FOUND,
                "network " + name + " had no template then: see its history for the times"));
  }

  /** A version of a template. */
  public String templateOf(final String name, final long revision) {
    return versions(name).stream()
        .filter(version -> version.revision() == revision)
        .findFirst()
        .flatMap(ConfigStore.Version::value)
        .orElseThrow(() ->
            new ShadowException(
                Reason.NOT_FOUND,
                "the template of " + name + " has no version " + revision + ": see its history"));
  }

  private List<ConfigStore.Version> versions(final String name) {
    final List<ConfigStore.Version> versions = store.templates(networkOf(name), MAX_VERSIONS);
    if (versions.isEmpty()) {
      throw unknown(name);
    }
    return versions;
  }

  private String networkOf(final String name) {
    final Loop loop = known(name);
    return loop == null ? name : loop.network().name();
  }

  private <T> CompletableFuture<T> look(
      final String name, final BiFunction<Loop, ManagedNetwork.Seen, T> result) {
    final Loop loop = loops.get(find(name));
    if (loop == null) {
      throw unknown(name);
    }
    return loop.queue().idle()
        ? loop.queue().submit(() -> result.apply(loop, loop.network().look()))
        : CompletableFuture.completedFuture(result.apply(loop, loop.network().seen()));
  }

  /** Wants something else of a network, then brings it about. */
  private CompletableFuture<Report> submit(
      final String name, final boolean create, final Consumer<ManagedNetwork> want) {
    // Under the lock that removes loops, so that no task goes to one that has ended.
    synchronized (loops) {
      Loop loop = loops.get(name);
      if (loop == null) {
        if (!create) {
          throw unknown(name);
        }
        if (loops.size() >= MAX_NETWORKS) {
          throw new ShadowException(
              Reason.BUSY,
              "there are " + MAX_NETWORKS + " networks, the most there may be: delete one");
        }
        loop = loop(name, ManagedNetwork.State.deleted(Outcome.NONE));
        loops.put(name, loop);
      }
      final Loop chosen = loop;
      return chosen
          .queue()
          .submit(() -> {
            try {
              want.accept(chosen.network());
              return work(chosen);
            } finally {
              forgetIfGone(chosen);
            }
          });
    }
  }

  /** Brings a network about, and tries again later if that did not succeed. */
  private Report work(final Loop loop) {
    boolean settled = false;
    try {
      final Report report = loop.network().reconcile();
      settled = report.settled();
      return report;
    } finally {
      loop.retry().after(settled);
    }
  }

  private void look(final Loop loop) {
    try {
      loop.queue()
          .look(() -> {
            try {
              final Report report = work(loop);
              if (!report.changes().isEmpty()) {
                LOG.info("network {}: {}", loop.network().name(), report);
              }
            } catch (RuntimeException e) {
              LOG.error("network {} could not be looked after", loop.network().name(), e);
            } finally {
              forgetIfGone(loop);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("closing", e);
    }
  }

  private void forgetIfGone(final Loop loop) {
    synchronized (loops) {
      if (loop.network().gone() && loop.queue().last()) {
        loops.remove(loop.network().name(), loop);
      }
    }
  }

  /** Keeps a template, unless it is kept already, and wants it. */
  private void keep(final ManagedNetwork network, final Wanted wanted) {
    final ManagedNetwork.State state = network.state();
    // Under one lock for all networks, so that two cannot take one name at the same time.
    synchronized (names) {
      checkNames(wanted);
      final boolean same = state.wanted() != null && state.wanted().text().equals(wanted.text());
      final long revision = same ? state.revision() : store.put(wanted);
      network.want(wanted, revision, state.paused());
    }
  }

  /** Refuses names that belong to another network, and provisioners that nobody has set up. */
  private void checkNames(final Wanted wanted) {
    for (final Loop loop : loops.values()) {
      if (!loop.network().name().equals(wanted.name())) {
        for (final String taken : loop.network().names()) {
          if (taken.equals(wanted.name()) || taken.equals(wanted.shadow())) {
            throw new ShadowException(
                Reason.TAKEN,
                "the name "
                    + taken
                    + " belongs to the template of network "
                    + loop.network().name()
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

  private void changed(final String claimed) {
    loops.values().stream()
        .filter(loop -> loop.network().names().contains(claimed))
        .forEach(this::look);
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
    loops.values().forEach(this::look);
  }

  private Loop loop(final String name, final ManagedNetwork.State state) {
    final Loop[] self = new Loop[1];
    self[0] =
        new Loop(
            new ManagedNetwork(name, store, provisioners, rules, state),
            new SerialQueue(name, threads),
            new Retry(timer, settings, () -> look(self[0])));
    return self[0];
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
          "its template cannot be read, and everything is left as it is ("
              + e.getMessage()
              + "): apply it again");
    }
  }

  private static Summary summary(final Loop loop) {
    return Summary.of(loop.network(), !loop.queue().idle());
  }

  private static Template shadowOf(final ManagedNetwork.State state, final String name) {
    if (state.wanted() == null || state.wanted().template().shadow() == null) {
      throw new ShadowException(
          Reason.NOT_FOUND, "network " + name + " has no shadow: apply a template with one");
    }
    return state.wanted().template();
  }

  /** The network of that name, or of a shadow of that name. */
  private String find(final String name) {
    final Loop loop = known(name);
    if (loop == null) {
      throw unknown(name);
    }
    return loop.network().name();
  }

  private @Nullable Loop known(final String name) {
    final Loop network = loops.get(name);
    if (network != null) {
      return network;
    }
    return loops.values().stream()
        .filter(loop -> loop.network().names().contains(name))
        .findFirst()
        .orElse(null);
  }

  private static ShadowException unknown(final String name) {
    return new ShadowException(
        Reason.NOT_FOUND,
        "there is no network or shadow " + name + ": list them to see their names");
  }

  /** Ends all work, in the middle if need be; the next start goes on. */
  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a provisioner does not let go: its network is looked at again at the next start");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
