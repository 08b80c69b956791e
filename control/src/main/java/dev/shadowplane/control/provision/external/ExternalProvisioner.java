package dev.shadowplane.control.provision.external;

import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.provision.Usage;
import dev.shadowplane.control.store.ConfigStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has an orchestrator do the work. Steps become actions, which are given to whoever watches until
 * each is acknowledged, also again after either side was restarted. What is observed is what was
 * acknowledged or reported last. An action that nobody acknowledges in time fails its step, and can
 * still be acknowledged later. Safe for several threads.
 */
public final class ExternalProvisioner implements Provisioner {
  /** What templates call it. */
  public static final String NAME = "external";

  /** How long the orchestrator may be silent if the configuration does not say. */
  public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(60);

  private static final String UNACKNOWLEDGED = "the orchestrator has not acknowledged it";
  private static final long NS_PER_MS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Duration deadline;
  private final AcknowledgedItems items;
  private final NavigableMap<Long, Action> log = new TreeMap<>();
  private final Map<String, Action> byId = new HashMap<>();
  private final Map<ItemKey, Action> byKey = new HashMap<>();
  private final Map<String, String> results = new HashMap<>();
  private final Set<String> awaited = new HashSet<>();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  // Above those of earlier lives, as no life issues a thousand actions a millisecond.
  private long position = System.currentTimeMillis() * 1_000;
  private long lastAnswerNs = System.nanoTime();
  private boolean closed;

  /**
   * A provisioner with what was acknowledged in earlier lives.
   *
   * @param store where that is kept.
   * @param deadline how long the orchestrator may acknowledge nothing until what it has not
   *     acknowledged fails.
   */
  public ExternalProvisioner(final ConfigStore store, final Duration deadline) {
    this.deadline = deadline;
    this.items = new AcknowledgedItems(store);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public synchronized List<Observed> observe(final String network) {
    return items.of(network);
  }

  @Override
  public void carryOut(final String network, final List<Step> steps, final Listener listener) {
    final Map<String, List<Step>> phases = new LinkedHashMap<>();
    for (final Step step : steps) {
      final String phase = step.getClass().getSimpleName() + step.key().kind();
      phases.computeIfAbsent(phase, key -> new ArrayList<>()).add(step);
    }
    final Set<ItemKey> failed = new HashSet<>();
    for (final List<Step> phase : phases.values()) {
      final List<Step> possible = new ArrayList<>();
      for (final Step step : phase) {
        final ItemKey obstacle = obstacle(step, failed);
        if (obstacle == null) {
          possible.add(step);
        } else {
          failed.add(step.key());
          listener.failed(step, "it needs " + obstacle + ", which failed");
        }
      }
      final Map<Step, Action> actions = issue(possible);
      watchers.forEach(Runnable::run);
      await(actions, listener, failed);
    }
  }

  /** The item without which a step need not be tried; null if there is none. */
  private static @Nullable ItemKey obstacle(final Step step, final Set<ItemKey> failed) {
    if (!(step instanceof Step.Put(Item item))) {
      return null;
    }
    final String network = item.key().network();
    final ItemKey itself = new ItemKey(network, ItemKey.Kind.NETWORK, network);
    if (!item.key().equals(itself) && failed.contains(itself)) {
      return itself;
    }
    if (item instanceof Item.ServiceItem service) {
      final ItemKey vm = new ItemKey(network, ItemKey.Kind.VM, service.vm());
      return failed.contains(vm) ? vm : null;
    }
    return null;
  }

  private synchronized Map<Step, Action> issue(final List<Step> steps) {
    final Map<Step, Action> actions = new LinkedHashMap<>();
    final List<Observed> begun = new ArrayList<>();
    for (final Step step : steps) {
      final Action before = byKey.get(step.key());
      final Action action =
          before != null && before.step().equals(step) ? before : renew(before, step);
      actions.put(step, action);
      awaited.add(action.id());
      if (step instanceof Step.Put && !items.has(step.key())) {
        begun.add(new Observed(step.key(), null, List.of(UNACKNOWLEDGED), false));
      }
    }
    // Kept before anybody is told, so that it is removed if it is no longer wanted later.
    items.put(begun, List.of());
    lastAnswerNs = System.nanoTime();
    return actions;
  }

  private Action renew(final @Nullable Action before, final Step step) {
    if (before != null) {
      forget(before);
    }
    final Action action = Action.of(++position, step);
    log.put(action.position(), action);
    byId.put(action.id(), action);
    byKey.put(step.key(), action);
    return action;
  }

  /** Waits until all are acknowledged, or nothing was for as long as the deadline. */
  private void await(
      final Map<Step, Action> actions, final Listener listener, final Set<ItemKey> failed) {
    final Map<Step, Action> open = new LinkedHashMap<>(actions);
    boolean interrupted = false;
    while (!open.isEmpty()) {
      final Map<Step, String> told = new LinkedHashMap<>();
      synchronized (this) {
        long leftNs = leftNs();
        while (!interrupted && leftNs > 0 && !closed && !answered(open)) {
          try {
            wait(Math.max(1, leftNs / NS_PER_MS));
          } catch (InterruptedException e) {
            interrupted = true;
          }
          leftNs = leftNs();
        }
        take(open, told, interrupted || closed || leftNs <= 0);
      }
      told.forEach((step, problem) -> {
        open.remove(step);
        if (problem.isEmpty()) {
          listener.done(step);
        } else {
          failed.add(step.key());
          listener.failed(step, problem);
        }
      });
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private long leftNs() {
    return lastAnswerNs + deadline.toNanos() - System.nanoTime();
  }

  private boolean answered(final Map<Step, Action> open) {
    return open.values().stream().anyMatch(action -> results.containsKey(action.id()));
  }

  private void take(
      final Map<Step, Action> open, final Map<Step, String> told, final boolean givingUp) {
    open.forEach((step, action) -> {
      final String result = results.remove(action.id());
      if (result != null || givingUp) {
        awaited.remove(action.id());
        told.put(step, result != null ? result : silence());
      }
    });
  }

  private String silence() {
    return closed || Thread.currentThread().isInterrupted()
        ? "control ended before the orchestrator acknowledged it"
        : "the orchestrator has acknowledged nothing for "
            + deadline.toMillis() / 1_000.0
            + " s: see whether it runs and watches actions; it is asked again";
  }

  /**
   * The next actions that nobody has acknowledged.
   *
   * @param after the position behind which to look; 0 for all.
   * @param limit the most to return.
   * @return by position.
   */
  public synchronized List<Action> actions(final long after, final int limit) {
    return log.tailMap(after, false).values().stream().limit(limit).toList();
  }

  /**
   * Runs something whenever there are more actions; not for long, and never under a lock of this.
   *
   * @return ends that.
   */
  public Runnable watch(final Runnable watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /**
   * Takes note of what came of actions; what is not awaited is let be.
   *
   * @return how many of them were known.
   */
  public int acknowledge(final Collection<Acknowledgement> acknowledgements) {
    final Set<String> late = new TreeSet<>();
    int known = 0;
    synchronized (this) {
      final List<Observed> there = new ArrayList<>();
      final List<ItemKey> gone = new ArrayList<>();
      for (final Acknowledgement acknowledgement : acknowledgements) {
        final Action action = byId.get(acknowledgement.id());
        if (action == null) {
          continue;
        }
        known++;
        forget(action);
        if (acknowledgement.error().isEmpty()) {
          switch (action.step()) {
            case Step.Put(Item item) ->
                there.add(new Observed(item.key(), item, acknowledgement.deviations(), true));
            case Step.Delete(ItemKey key) -> gone.add(key);
          }
        }
        if (awaited.contains(action.id())) {
          results.put(action.id(), acknowledgement.error());
        } else {
          late.add(action.step().key().network());
        }
      }
      items.put(there, gone);
      if (known > 0) {
        lastAnswerNs = System.nanoTime();
      }
      notifyAll();
    }
    late.forEach(this::changed);
    return known;
  }

  /**
   * Takes note of what the orchestrator finds.
   *
   * @param network a network.
   * @param observed what is there.
   * @param complete whether nothing else is.
   * @throws IllegalArgumentException if an item is of another network.
   */
  public void report(
      final String network, final Collection<Observed> observed, final boolean complete) {
    final Map<ItemKey, Observed> reported = new LinkedHashMap<>();
    for (final Observed item : observed) {
      if (!item.key().network().equals(network)) {
        throw new IllegalArgumentException(
            item.key() + " is not of network " + network + ": report each network apart");
      }
      reported.put(item.key(), item);
    }
    final boolean changed;
    synchronized (this) {
      final List<Observed> before = items.of(network);
      final Map<ItemKey, Observed> known = new HashMap<>();
      before.forEach(item -> known.put(item.key(), item));
      reported.replaceAll((key, item) -> withKnownItem(item, known.get(key)));
      items.put(
          reported.values().stream().filter(item -> !item.equals(known.get(item.key()))).toList(),
          complete
              ? before.stream()
                  .map(Observed::key)
                  .filter(key -> !reported.containsKey(key))
                  .toList()
              : List.of());
      changed = !items.of(network).equals(before);
    }
    if (changed) {
      changed(network);
    }
  }

  /** Who reports health alone need not repeat what the item was made to be. */
  private static Observed withKnownItem(final Observed reported, final @Nullable Observed known) {
    return reported.item() == null && known != null
        ? new Observed(reported.key(), known.item(), reported.deviations(), reported.passing())
        : reported;
  }

  private void forget(final Action action) {
    log.remove(action.position());
    byId.remove(action.id());
    byKey.remove(action.step().key());
  }

  private void changed(final String network) {
    listeners.forEach(listener -> listener.accept(network));
  }

  @Override
  public List<Usage> usage(final String network) {
    return List.of();
  }

  @Override
  public void onChange(final Consumer<String> listener) {
    listeners.add(listener);
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
