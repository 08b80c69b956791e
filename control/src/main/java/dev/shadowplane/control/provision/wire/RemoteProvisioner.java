package dev.shadowplane.control.provision.wire;

import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.provision.Usage;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A provisioner that runs in another process of this host. Every call has a connection of its own
 * and a deadline; changes are listened to anew whenever the other process is back.
 */
public final class RemoteProvisioner implements Provisioner {
  private static final long ASK_MS = 30_000;
  private static final long CARRY_OUT_MS = 300_000;
  private static final long RECONNECT_MS = 500;

  private final String name;
  private final Path socket;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService deadlines =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("deadlines").factory());
  private volatile boolean closed;
  private @Nullable Thread watcher;

  /**
   * Nothing is asked yet.
   *
   * @param name the word that templates choose it by.
   * @param socket where the other process listens, now or later.
   */
  public RemoteProvisioner(final String name, final Path socket) {
    this.name = name;
    this.socket = socket;
  }

  @Override
  public String name() {
    return name;
  }

  /** What is done with answers; true to wait for another. */
  private interface Reader {
    boolean read(Message answer) throws ProvisionException;
  }

  private void ask(final Message request, final long deadlineMs, final Reader reader)
      throws ProvisionException {
    try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      connections.add(connection);
      final var deadline =
          deadlines.schedule(() -> end(connection), deadlineMs, TimeUnit.MILLISECONDS);
      try {
        final MessageChannel channel = new MessageChannel(connection);
        channel.send(request);
        Message answer;
        do {
          answer = channel.receive();
          if (answer instanceof Message.Refused(String reason)) {
            throw new ProvisionException(reason);
          }
        } while (reader.read(answer));
      } finally {
        deadline.cancel(false);
        connections.remove(connection);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new ProvisionException(
          "the provisioner at "
              + socket
              + " does not answer ("
              + e.getMessage()
              + "): start it with 'shadowplane provisioner', or look at its log",
          e);
    }
  }

  private static void end(final SocketChannel connection) {
    try {
      connection.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static ProvisionException unexpected(final Message answer) {
    return new ProvisionException(
        "the provisioner answered with "
            + answer.getClass().getSimpleName()
            + ": is it of another"
            + " version?");
  }

  @Override
  public List<Observed> observe(final String network) throws ProvisionException {
    final List<Observed> found = new ArrayList<>();
    ask(
        new Message.Observe(network),
        ASK_MS,
        answer -> {
          if (!(answer instanceof Message.Found(List<Observed> observed))) {
            throw unexpected(answer);
          }
          found.addAll(observed);
          return false;
        });
    return found;
  }

  @Override
  public List<Usage> usage(final String network) throws ProvisionException {
    final List<Usage> used = new ArrayList<>();
    ask(
        new Message.AskUsage(network),
        ASK_MS,
        answer -> {
          if (!(answer instanceof Message.Used(List<Usage> usage))) {
            throw unexpected(answer);
          }
          used.addAll(usage);
          return false;
        });
    return used;
  }

  @Override
  public Optional<String> metrics(final ItemKey service, final String path)
      throws ProvisionException {
    final AtomicReference<@Nullable String> scraped = new AtomicReference<>();
    ask(
        new Message.Scrape(service, path),
        ASK_MS,
        answer -> {
          if (!(answer instanceof Message.Scraped(String text))) {
            throw unexpected(answer);
          }
          scraped.set(text);
          return false;
        });
    return Optional.ofNullable(scraped.get());
  }

  @Override
  public void carryOut(final String network, final List<Step> steps, final Listener listener) {
    final Map<ItemKey, Step> untold = new LinkedHashMap<>();
    steps.forEach(step -> untold.put(step.key(), step));
    String reason = "the provisioner did not tell of it";
    try {
      ask(
          new Message.CarryOut(network, steps),
          CARRY_OUT_MS,
          answer -> {
            switch (answer) {
              case Message.Done(ItemKey key) -> {
                final Step step = untold.remove(key);
                if (step != null) {
                  listener.done(step);
                }
              }
              case Message.Failed(ItemKey key, String why) -> {
                final Step step = untold.remove(key);
                if (step != null) {
                  listener.failed(step, why);
                }
              }
              case Message.Finished() -> {
                return false;
              }
              default -> throw unexpected(answer);
            }
            return true;
          });
    } catch (ProvisionException e) {
      reason = String.valueOf(e.getMessage());
    }
    final String told = reason;
    untold.values().forEach(step -> listener.failed(step, told));
  }

  @Override
  public synchronized void onChange(final Consumer<String> listener) {
    listeners.add(listener);
    if (watcher == null) {
      watcher = Thread.ofPlatform().daemon().name("provisioner changes").start(this::watch);
    }
  }

  private void watch() {
    while (!closed) {
      try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        connections.add(connection);
        try {
          final MessageChannel channel = new MessageChannel(connection);
          channel.send(new Message.Watch());
          while (!closed && channel.receive() instanceof Message.Changed(String network)) {
            if (!network.isEmpty()) {
              listeners.forEach(listener -> listener.accept(network));
            }
          }
        } finally {
          connections.remove(connection);
        }
      } catch (IOException | IllegalArgumentException e) {
        // It is not there, or goes: it is tried again.
      }
      try {
        Thread.sleep(RECONNECT_MS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    connections.forEach(RemoteProvisioner::end);
    deadlines.shutdownNow();
    if (watcher != null) {
      watcher.interrupt();
      try {
        watcher.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
