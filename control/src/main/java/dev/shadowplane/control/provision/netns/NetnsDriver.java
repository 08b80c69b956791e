package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.provision.Usage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes networks of namespaces of this host's kernel. Takes root. What it has made stays when it is
 * closed, and is taken over by the next one over the same folder.
 */
public final class NetnsDriver implements Provisioner {
  /** The word that templates choose it by. */
  public static final String NAME = "netns";

  private final Host host;
  private final NetworkMaker networks;
  private final VmMaker vms;
  private final ServiceMaker services;
  private final AgentMaker agents;
  private final Observer observer;
  private final UsageReader usage;
  private final MetricsReader metrics;
  private final ChangeWatch changes;
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Starts with what is there.
   *
   * @param config where its files are, and who may do what.
   * @throws ProvisionException if the host lacks something; the message says what.
   */
  public NetnsDriver(final NetnsConfig config) throws ProvisionException {
    final Folders folders = config.folders();
    this.host =
        new Host(
            new Commands(), new Records(folders), folders, Cgroups.detect(), config.settings());
    this.networks = new NetworkMaker(host);
    this.vms = new VmMaker(host);
    this.services = new ServiceMaker(host);
    this.agents = new AgentMaker(host);
    this.observer = new Observer(host, services, agents, tasks);
    this.usage = new UsageReader(host);
    this.metrics = new MetricsReader(host, new Probe(host));
    this.changes = new ChangeWatch(host);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Which version of control groups there is, for people. */
  public String cgroupVersion() {
    return host.cgroups().version();
  }

  private ReentrantLock lock(final String network) {
    return locks.computeIfAbsent(network, name -> new ReentrantLock());
  }

  @Override
  public List<Observed> observe(final String network) throws ProvisionException {
    ItemCheck.network(network);
    final ReentrantLock lock = lock(network);
    lock.lock();
    try {
      return observer.observe(network);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void carryOut(final String network, final List<Step> steps, final Listener listener) {
    final ReentrantLock lock = lock(network);
    lock.lock();
    changes.quiet(network);
    try {
      new Run(network, listener).carryOut(steps);
    } finally {
      changes.loud(network);
      lock.unlock();
    }
  }

  @Override
  public List<Usage> usage(final String network) throws ProvisionException {
    ItemCheck.network(network);
    return usage.read(network);
  }

  @Override
  public Optional<String> metrics(final ItemKey service, final String path)
      throws ProvisionException {
    ItemCheck.key(service);
    return Optional.of(metrics.read(service, path));
  }

  @Override
  public void onChange(final Consumer<String> listener) {
    changes.listen(listener);
  }

  /** Stops watching; everything that runs goes on running. */
  @Override
  public void close() {
    changes.close();
    tasks.shutdownNow();
  }

  /** Something that may fail for a reason that people are told. */
  private interface Work {
    void run() throws ProvisionException;
  }

  /** One call of {@link #carryOut}. */
  private final class Run {
    private final String network;
    private final Listener listener;
    private final Set<ItemKey> failed = ConcurrentHashMap.newKeySet();
    private boolean whole;

    Run(final String network, final Listener listener) {
      this.network = network;
      this.listener = listener;
    }

    void carryOut(final List<Step> steps) {
      final List<Step> sound = steps.stream().filter(this::sound).toList();
      whole =
          sound.stream()
              .anyMatch(
                  step -> step instanceof Step.Delete && step.key().kind() == ItemKey.Kind.NETWORK);
      for (final ItemKey.Kind kind : List.of(ItemKey.Kind.values()).reversed()) {
        atOnce(
            sound.stream()
                .filter(step -> step instanceof Step.Delete && step.key().kind() == kind)
                .<Runnable>map(step -> () -> attempt(step, () -> delete(step.key())))
                .toList());
      }
      final List<Step.Put> puts =
          sound.stream()
              .filter(Step.Put.class::isInstance)
              .map(Step.Put.class::cast)
              .sorted(Comparator.comparing(put -> put.key().kind()))
              .toList();
      final boolean structure =
          sound.stream().anyMatch(step -> step.key().kind().compareTo(ItemKey.Kind.VM) <= 0);
      final List<Step.Put> made = new ArrayList<>();
      for (final Step.Put put : puts) {
        if (put.item() instanceof NetworkItem || put.item() instanceof VmItem) {
          final Entry before = host.records().get(put.key());
          if (attempt(put, () -> structure(put.item(), before))) {
            made.add(put);
          }
        }
      }
      if (structure) {
        finish(made);
      }
      start(puts, ServiceItem.class);
      start(puts, AgentItem.class);
    }

    private boolean sound(final Step step) {
      try {
        if (!step.key().network().equals(network)) {
          throw new IllegalArgumentException("it is of another network than " + network);
        }
        ItemCheck.key(step.key());
        if (step instanceof Step.Put(Item item)) {
          ItemCheck.item(item);
        }
        return true;
      } catch (IllegalArgumentException e) {
        fail(step, String.valueOf(e.getMessage()));
        return false;
      }
    }

    /** Carries out work of a step; the step is done only later. */
    private boolean attempt(final Step step, final Work work) {
      final ItemKey needed = needed(step);
      if (needed != null && failed.contains(needed)) {
        fail(step, "not tried: " + needed + " failed");
        return false;
      }
      try {
        work.run();
        if (step instanceof Step.Delete) {
          listener.done(step);
        }
        return true;
      } catch (ProvisionException | IllegalArgumentException e) {
        fail(step, String.valueOf(e.getMessage()));
        return false;
      }
    }

    private void fail(final Step step, final String reason) {
      failed.add(step.key());
      listener.failed(step, reason);
    }

    private @Nullable ItemKey needed(final Step step) {
      if (!(step instanceof Step.Put(Item item))) {
        return null;
      }
      final ItemKey home = new ItemKey(network, ItemKey.Kind.NETWORK, network);
      return switch (item) {
        case NetworkItem _ -> null;
        case VmItem _, AgentItem _ -> home;
        case ServiceItem service ->
            failed.contains(home) ? home : new ItemKey(network, ItemKey.Kind.VM, service.vm());
      };
    }

    private void structure(final Item item, final @Nullable Entry before)
        throws ProvisionException {
      switch (item) {
        case NetworkItem wanted -> {
          networks.put(wanted, before);
          changes.watch(network, Layout.router(network));
          if (wanted.feed()) {
            changes.watch(network, Layout.feed(network));
          }
        }
        case VmItem vm -> {
          vms.put(vm, before);
          changes.watch(network, Layout.vm(network, vm.vm()));
        }
        default -> throw new IllegalStateException(item.toString());
      }
    }

    /** What VMs together bring about, and then what the kernel says of all. */
    private void finish(final List<Step.Put> made) {
      try {
        final Entry entry = host.records().get(new ItemKey(network, ItemKey.Kind.NETWORK, network));
        if (entry != null && entry.item() instanceof NetworkItem wanted) {
          networks.follow(wanted);
          observer.remember(network, made.stream().map(Step.Put::key).toList());
        }
        made.forEach(listener::done);
      } catch (ProvisionException e) {
        made.forEach(put -> fail(put, String.valueOf(e.getMessage())));
      }
    }

    private void start(final List<Step.Put> puts, final Class<? extends Item> type) {
      atOnce(
          puts.stream()
              .filter(put -> type.isInstance(put.item()))
              .<Runnable>map(put ->
                  () -> {
                    if (attempt(put, () -> start(put.item()))) {
                      listener.done(put);
                    }
                  })
              .toList());
    }

    private void atOnce(final List<Runnable> parts) {
      final List<Future<?>> running = new ArrayList<>();
      parts.forEach(part -> running.add(tasks.submit(part)));
      for (final Future<?> task : running) {
        try {
          task.get();
        } catch (ExecutionException e) {
          throw new IllegalStateException(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    private void start(final Item item) throws ProvisionException {
      final Entry before = host.records().get(item.key());
      switch (item) {
        case ServiceItem service -> services.put(service, before);
        case AgentItem agent -> agents.put(agent, before);
        default -> throw new IllegalStateException(item.toString());
      }
    }

    private void delete(final ItemKey key) throws ProvisionException {
      final Entry entry = host.records().get(key);
      switch (key.kind()) {
        case AGENT -> agents.delete(network, key.name());
        case SERVICE -> services.delete(network, key.name());
        case VM -> {
          changes.forget(Layout.vm(network, key.name()));
          for (final ServiceItem service : host.records().items(network, ServiceItem.class)) {
            if (service.vm().equals(key.name())) {
              delete(service.key());
            }
          }
          vms.delete(network, key.name(), whole ? null : entry);
        }
        case NETWORK -> {
          final Set<ItemKey> inside = new HashSet<>();
          host.records().of(network).forEach(other -> inside.add(other.item().key()));
          observer.leftovers(network).forEach(inside::add);
          inside.remove(key);
          for (final ItemKey other :
              inside.stream().sorted(Comparator.comparing(ItemKey::kind).reversed()).toList()) {
            delete(other);
          }
          changes.forget(Layout.router(network));
          changes.forget(Layout.feed(network));
          networks.delete(network, entry);
          CgroupMounts.remove(host.cgroups(), network);
          CgroupMounts.removeIfEmpty(host.cgroups());
        }
      }
      host.records().remove(key);
      if (key.kind() == ItemKey.Kind.NETWORK) {
        Folders.delete(host.folders().network(network));
      }
    }
  }
}
