package dev.shadowplane.control.shadow;

import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.provision.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Keeps items in memory, and does what tests want besides. */
final class MemoryProvisioner implements Provisioner {
  /** Thrown in the middle of steps, as if the process had ended there. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private final Map<String, Map<String, Observed>> networks = new ConcurrentHashMap<>();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final List<Step> steps = new CopyOnWriteArrayList<>();
  final AtomicInteger stepsUntilKilled = new AtomicInteger(Integer.MAX_VALUE);
  volatile Predicate<Step> failing = step -> false;
  volatile boolean away;
  volatile Runnable before = () -> {};

  @Override
  public String name() {
    return "netns";
  }

  @Override
  public List<Observed> observe(final String network) throws ProvisionException {
    if (away) {
      throw new ProvisionException("the socket is not there: start the provisioner");
    }
    return List.copyOf(network(network).values());
  }

  @Override
  public void carryOut(final String network, final List<Step> all, final Listener listener) {
    before.run();
    for (final Step step : all) {
      if (stepsUntilKilled.getAndDecrement() <= 0) {
        throw new Killed();
      }
      steps.add(step);
      if (failing.test(step)) {
        listener.failed(step, "it does not work");
        continue;
      }
      switch (step) {
        case Step.Put(Item item) -> set(new Observed(item.key(), item, List.of(), true));
        case Step.Delete(ItemKey key) -> network(key.network()).remove(key.toString());
      }
      listener.done(step);
    }
  }

  /** Changes something behind everybody's back. */
  void set(final Observed observed) {
    network(observed.key().network()).put(observed.key().toString(), observed);
  }

  void remove(final String network, final String item) {
    network(network).remove(item);
  }

  void tell(final String network) {
    listeners.forEach(listener -> listener.accept(network));
  }

  /** The steps since this was asked for last. */
  List<Step> takeSteps() {
    final List<Step> taken = new ArrayList<>(steps);
    steps.clear();
    return taken;
  }

  List<String> items(final String network) {
    return List.copyOf(network(network).keySet());
  }

  private Map<String, Observed> network(final String name) {
    return networks.computeIfAbsent(
        name, key -> java.util.Collections.synchronizedMap(new TreeMap<>()));
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
  public void close() {}
}
