package dev.shadowplane.control.provision.wire;

import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets other processes of this host ask a provisioner. Whoever opens the socket is asked of the
 * kernel (SO_PEERCRED): only root, the users given and those whose group is the one given are
 * answered.
 */
public final class ProvisionerServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProvisionerServer.class);
  private static final int MAX_CONNECTIONS = 64;
  private static final int MAX_UNTOLD = 1_024;
  private static final long SIGN_OF_LIFE_MS = 5_000;
  private static final int MAX_UNREAD_BYTES = 64 << 10;
  private static final int BACKLOG = 16;

  private final Provisioner provisioner;
  private final Path socket;
  private final Set<UserPrincipal> users = new HashSet<>();
  private final @Nullable GroupPrincipal group;
  private final ServerSocketChannel server;
  private final Semaphore room = new Semaphore(MAX_CONNECTIONS);
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final Set<BlockingQueue<String>> watchers = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  /**
   * Listens.
   *
   * @param provisioner is asked; its owner closes it.
   * @param socket where; a file that is left there is replaced.
   * @param users who may ask besides root, by number.
   * @param group the group that may, by number; -1 for none.
   * @throws IOException if it cannot listen there.
   */
  public ProvisionerServer(
      final Provisioner provisioner, final Path socket, final List<Integer> users, final int group)
      throws IOException {
    this.provisioner = provisioner;
    this.socket = socket;
    final UserPrincipalLookupService names = socket.getFileSystem().getUserPrincipalLookupService();
    this.users.add(names.lookupPrincipalByName("0"));
    for (final int user : users) {
      this.users.add(names.lookupPrincipalByName(Integer.toString(user)));
    }
    this.group = group < 0 ? null : names.lookupPrincipalByGroupName(Integer.toString(group));
    Files.deleteIfExists(socket);
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
      if (group >= 0) {
        Files.setAttribute(socket, "unix:gid", group);
      }
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
    } catch (IOException e) {
      server.close();
      throw e;
    }
    provisioner.onChange(network -> watchers.forEach(queue -> queue.offer(network)));
    thread = Thread.ofPlatform().name("provisioner").start(this::accept);
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        final SocketChannel connection = server.accept();
        if (!room.tryAcquire()) {
          LOG.warn("more than {} connections: one was refused", MAX_CONNECTIONS);
          connection.close();
          continue;
        }
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        if (server.isOpen()) {
          LOG.warn("a connection could not be taken: {}", e.toString());
        }
      }
    }
  }

  private void serve(final SocketChannel connection) {
    try (MessageChannel channel = new MessageChannel(connection)) {
      final UnixDomainPrincipal peer = connection.getOption(ExtendedSocketOptions.SO_PEERCRED);
      if (!users.contains(peer.user()) && !peer.group().equals(group)) {
        LOG.warn("user {} was refused", peer.user().getName());
        channel.send(
            new Message.Refused(
                "user "
                    + peer.user().getName()
                    + " may not ask the provisioner: add it to 'users' in its configuration"));
        // With a request unread, closing would take back the answer.
        connection.read(ByteBuffer.allocate(MAX_UNREAD_BYTES));
        return;
      }
      try {
        answer(channel.receive(), channel);
      } catch (IllegalArgumentException e) {
        channel.send(new Message.Refused(String.valueOf(e.getMessage())));
      } catch (ProvisionException e) {
        channel.send(new Message.Refused(String.valueOf(e.getMessage())));
      }
    } catch (EOFException e) {
      // It has ended without asking.
    } catch (IOException e) {
      LOG.debug("a connection ended: {}", e.toString());
    } catch (RuntimeException e) {
      LOG.error("a request could not be answered", e);
    } finally {
      connections.remove(connection);
      room.release();
    }
  }

  private void answer(final Message request, final MessageChannel channel)
      throws IOException, ProvisionException {
    switch (request) {
      case Message.Observe(String network) ->
          channel.send(new Message.Found(provisioner.observe(network)));
      case Message.AskUsage(String network) ->
          channel.send(new Message.Used(provisioner.usage(network)));
      case Message.Scrape(ItemKey service, String path) ->
          channel.send(new Message.Scraped(provisioner.metrics(service, path).orElse(null)));
      case Message.CarryOut(String network, List<Step> steps) -> {
        provisioner.carryOut(network, steps, new Teller(channel));
        channel.send(new Message.Finished());
      }
      case Message.Watch() -> watch(channel);
      default -> throw new IllegalArgumentException("this is an answer and no request");
    }
  }

  private void watch(final MessageChannel channel) throws IOException {
    final BlockingQueue<String> queue = new ArrayBlockingQueue<>(MAX_UNTOLD);
    watchers.add(queue);
    try {
      channel.send(new Message.Changed(""));
      while (server.isOpen()) {
        final String network = queue.poll(SIGN_OF_LIFE_MS, TimeUnit.MILLISECONDS);
        channel.send(new Message.Changed(network == null ? "" : network));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      watchers.remove(queue);
    }
  }

  /** Tells the other side of steps; that it has gone does not stop what is under way. */
  private record Teller(MessageChannel channel) implements Provisioner.Listener {
    @Override
    public void done(final Step step) {
      send(new Message.Done(step.key()));
    }

    @Override
    public void failed(final Step step, final String reason) {
      LOG.warn("{}: {}", step.key(), reason);
      send(new Message.Failed(step.key(), reason));
    }

    private void send(final Message message) {
      try {
        channel.send(message);
      } catch (IOException e) {
        LOG.debug("nobody listens any more: {}", e.toString());
      }
    }
  }

  /** Stops listening and ends the connections. */
  @Override
  public void close() throws IOException {
    server.close();
    for (final SocketChannel connection : connections) {
      connection.close();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(socket);
  }
}
