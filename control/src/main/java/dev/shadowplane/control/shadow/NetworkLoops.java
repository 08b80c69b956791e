package dev.shadowplane.control.shadow;

import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.shadow.ShadowException.Reason;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loops that look after networks, one a network, on threads that they share: operations on one
 * network follow each other in the order of the calls, and failed ones are tried again.
 */
final class NetworkLoops implements AutoCloseable {
  /** The most networks that are looked after. */
  static final int MAX_NETWORKS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(NetworkLoops.class);
  private static final long CLOSE_SECONDS = 10;

  private final NetworkStore store;
  private final Map<String, Provisioner> provisioners;
  private final MirrorRules rules;
  private final Settings settings;
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final Map<String, Loop> loops = new ConcurrentSkipListMap<>();

  /** A network and what is done about it. */
  private record Loop(ManagedNetwork network, SerialQueue queue, Retry retry) {}

  NetworkLoops(
      final NetworkStore store,
      final Map<String, Provisioner> provisioners,
      final MirrorRules rules,
      final Settings settings,
      final ScheduledExecutorService timer) {
    this.store = store;
    this.provisioners = provisioners;
    this.rules = rules;
    this.settings = settings;
    this.timer = timer;
    this.threads =
        Executors.newFixedThreadPool(
            settings.threads(), Thread.ofPlatform().name("shadows-", 0).factory());
  }

  /** Takes up a network. */
  void add(final String name, final ManagedNetwork.State state) {
    loops.put(name, loop(name, state));
  }

  /** Every network, by name. */
  List<ManagedNetwork> networks() {
    return loops.values().stream().map(Loop::network).toList();
  }

  /** Asks a network, also one that there is not yet, after what waits for it. */
  <T> CompletableFuture<T> ask(final String name, final Function<ManagedNetwork, T> question) {
    final Loop known = loops.get(name);
    final Loop loop =
        known == null ? loop(name, ManagedNetwork.State.deleted(Outcome.NONE)) : known;
    return loop.queue().submit(() -> question.apply(loop.network()));
  }

  /** Looks at a network afresh unless it is being worked on. */
  <T> CompletableFuture<T> look(
      final String name, final BiFunction<ManagedNetwork, ManagedNetwork.Seen, T> result) {
    final Loop loop = known(name);
    if (loop == null) {
      throw unknown(name);
    }
    final ManagedNetwork network = loop.network();
    return loop.queue().idle()
        ? loop.queue().submit(() -> result.apply(network, network.look()))
        : CompletableFuture.completedFuture(result.apply(network, network.seen()));
  }

  /** Wants something else of a network, then brings it about. */
  CompletableFuture<Report> submit(
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

  /** Looks at whatever has something in a network of a provisioner. */
  void look(final String claimed) {
    loops.values().stream()
        .filter(loop -> loop.network().names().contains(claimed))
        .forEach(this::look);
  }

  /** Looks at every network. */
  void lookAtAll() {
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

  /** Every network in one line. */
  List<Summary> summaries() {
    return loops.values().stream().map(NetworkLoops::summary).toList();
  }

  Summary summary(final String name) {
    final Loop loop = known(name);
    if (loop == null) {
      throw unknown(name);
    }
    return summary(loop);
  }

  private static Summary summary(final Loop loop) {
    return Summary.of(loop.network(), !loop.queue().idle());
  }

  /** The network of that name or shadow; the name itself if there is none any more. */
  String networkOf(final String name) {
    final Loop loop = known(name);
    return loop == null ? name : loop.network().name();
  }

  /** The network of that name, or of a shadow of that name. */
  String find(final String name) {
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

  static ShadowException unknown(final String name) {
    return new ShadowException(
        Reason.NOT_FOUND,
        "there is no network or shadow " + name + ": list them to see their names");
  }

  /** Lets what runs come to its end, as an interrupt would close the store's file; no more. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a provisioner does not let go: its network is looked at again at the next start");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
