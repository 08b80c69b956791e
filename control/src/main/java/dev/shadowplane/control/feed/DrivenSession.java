package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.session.Session;
import dev.shadowplane.dataplane.session.SessionObserver;
import dev.shadowplane.dataplane.session.Undrivable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Drives one session against the shadow: what the client sent goes over a connection of its own at
 * its original relative time, but never before the shadow has answered what production had answered
 * by then. Two virtual threads; the one that reassembles calls the observer's methods.
 */
final class DrivenSession implements SessionObserver {
  private static final int READ_BYTES = 16 << 10;

  private static final byte[] NOTHING = new byte[0];

  private final Session session;
  private final Drive drive;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Causality events;
  private @Nullable Dialogue dialogue;
  private @Nullable Undrivable abandoned;
  private boolean interrupted;
  private boolean shadowEnded;
  private volatile boolean connected;
  private volatile @Nullable Socket socket;
  private volatile long writingSinceNs;
  private volatile boolean writing;

  DrivenSession(final Session session, final Drive drive) {
    this.session = session;
    this.drive = drive;
    this.events = new Causality(drive.backlog());
  }

  @Override
  public void clientData(final byte[] bytes, final long timestampNs, final long serverBytesSeen) {
    add(new Causality.Client(bytes, timestampNs, serverBytesSeen, Causality.End.NONE));
  }

  @Override
  public void clientEnd(final long timestampNs, final long serverBytesSeen) {
    add(new Causality.Client(NOTHING, timestampNs, serverBytesSeen, Causality.End.HALF_CLOSE));
  }

  @Override
  public void serverData(final byte[] bytes, final long timestampNs) {
    add(new Causality.Server(bytes, 0, bytes.length, timestampNs));
  }

  @Override
  public void serverEnd(final long timestampNs) {
    add(new Causality.Server(NOTHING, 0, 0, timestampNs));
  }

  @Override
  public void reset(final long timestampNs, final long serverBytesSeen) {
    if (serverBytesSeen < 0) {
      serverEnd(timestampNs);
    } else {
      add(new Causality.Client(NOTHING, timestampNs, serverBytesSeen, Causality.End.RESET));
    }
  }

  private void add(final Causality.Event event) {
    lock.lock();
    try {
      if (abandoned == null && !interrupted) {
        switch (event) {
          case Causality.Client client -> events.add(client);
          case Causality.Server server -> events.add(server);
        }
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void undrivable(final Undrivable reason) {
    lock.lock();
    try {
      abandoned = reason;
      events.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void ended() {
    lock.lock();
    try {
      events.complete();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends it, wherever it is. */
  void interrupt() {
    lock.lock();
    try {
      interrupted = true;
      events.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    closeSocket();
  }

  /** Closes the connection when the shadow takes nothing of what is sent for too long. */
  void closeIfStuck(final long nowNs) {
    if (writing && nowNs - writingSinceNs > drive.options().answerNs()) {
      closeSocket();
    }
  }

  private void closeSocket() {
    final Socket open = socket;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        drive.counts().closeFailed();
      }
    }
  }

  /** Runs to its end, on a virtual thread. */
  void run() {
    Outcome outcome = Outcome.INTERRUPTED;
    try {
      outcome = connectAndDrive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeSocket();
      final Undrivable reason;
      lock.lock();
      try {
        reason = abandoned;
        events.clear();
        finish(outcome);
      } finally {
        lock.unlock();
      }
      drive.ended(this, outcome, reason, connected);
    }
  }

  private void finish(final Outcome outcome) {
    final Dialogue ended = dialogue;
    // What was asked of the shadow and not answered is missing, unless nobody waited for it.
    if (ended != null && outcome != Outcome.ABANDONED && outcome != Outcome.INTERRUPTED) {
      ended.finish();
    }
  }

  private Outcome connectAndDrive() throws InterruptedException {
    final @Nullable Outcome early = awaitStart();
    if (early != null) {
      return early;
    }
    if (drive.isLate(session.startNs())) {
      return Outcome.LATE;
    }
    drive.begins(session);
    try {
      socket = drive.connect(session);
    } catch (IOException e) {
      return Outcome.CONNECT;
    }
    connected = true;
    Thread.ofVirtual().name("shadow-answers").start(this::read);
    try {
      return drive();
    } catch (IOException e) {
      return Outcome.CLOSED;
    }
  }

  private @Nullable Outcome awaitStart() throws InterruptedException {
    final long dueNs = drive.timeline().dueNs(session.startNs());
    lock.lockInterruptibly();
    try {
      while (true) {
        if (interrupted || abandoned != null) {
          return interrupted ? Outcome.INTERRUPTED : Outcome.ABANDONED;
        }
        final long leftNs = dueNs - System.nanoTime();
        if (leftNs <= 0) {
          return null;
        }
        final long _ = changed.awaitNanos(leftNs);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What to do next, outside of the lock. */
  private record Send(Causality.Client what, @Nullable Outcome end) {
    private static final Causality.Client NONE =
        new Causality.Client(NOTHING, 0, 0, Causality.End.NONE);

    private static Send end(final Outcome outcome) {
      return new Send(NONE, outcome);
    }
  }

  private Outcome drive() throws IOException, InterruptedException {
    while (true) {
      final Send next = next();
      if (next.end != null) {
        return next.end;
      }
      final Socket open = socket;
      if (open == null) {
        return Outcome.INTERRUPTED;
      }
      switch (next.what.end()) {
        case NONE -> write(open.getOutputStream(), next.what.bytes());
        case HALF_CLOSE -> open.shutdownOutput();
        case RESET -> open.setSoLinger(true, 0);
      }
    }
  }

  private void write(final OutputStream to, final byte[] bytes) throws IOException {
    writingSinceNs = System.nanoTime();
    writing = true;
    try {
      to.write(bytes);
    } finally {
      writing = false;
    }
  }

  /** Waits for what the client sent next to be due, and tells the dialogue of all before. */
  private Send next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (interrupted || abandoned != null) {
          return Send.end(interrupted ? Outcome.INTERRUPTED : Outcome.ABANDONED);
        }
        final Causality.Event event = events.peek();
        if (event == null) {
          if (events.isOver()) {
            return Send.end(awaitAnswers(false) ? Outcome.FINISHED : Outcome.UNANSWERED);
          }
          changed.await();
          continue;
        }
        final long leftNs = drive.timeline().dueNs(event.timestampNs()) - System.nanoTime();
        if (leftNs > 0) {
          final long _ = changed.awaitNanos(leftNs);
          continue; // Something that comes before may have been read meanwhile.
        }
        switch (event) {
          case Causality.Server server -> tell(server);
          case Causality.Client client -> {
            final @Nullable Send send = tell(client);
            if (send != null) {
              return send;
            }
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void tell(final Causality.Server server) {
    events.remove(server);
    final Dialogue with = dialogue(NOTHING);
    if (server.count() == 0) {
      with.primaryEnded(server.timestampNs());
    } else {
      with.primarySent(server.bytes(), server.offset(), server.count(), server.timestampNs());
    }
  }

  /** What to send; null when that is to be found out again. */
  private @Nullable Send tell(final Causality.Client client) throws InterruptedException {
    final Dialogue with = dialogue(client.bytes());
    if (!awaitAnswers(client.end() == Causality.End.NONE)) {
      if (interrupted || abandoned != null) {
        return null;
      }
      return Send.end(shadowEnded ? Outcome.CLOSED : Outcome.UNANSWERED);
    }
    events.remove(client);
    final long nowNs = System.nanoTime();
    drive.counts().behind(nowNs - drive.timeline().dueNs(client.timestampNs()));
    if (client.end() == Causality.End.NONE) {
      with.clientSent(client.bytes(), client.timestampNs(), nowNs);
    }
    return new Send(client, null);
  }

  /**
   * Waits until the shadow has answered what production has.
   *
   * @param toSend whether more is to be sent, for which the shadow has to be there.
   * @return false when it will not.
   */
  private boolean awaitAnswers(final boolean toSend) throws InterruptedException {
    final long startNs = System.nanoTime();
    while (!interrupted && abandoned == null) {
      final long nowNs = System.nanoTime();
      final Dialogue with = dialogue;
      if (with == null || with.hasAnswered(nowNs)) {
        return true;
      }
      if (shadowEnded) {
        return !toSend;
      }
      final long leftNs = drive.options().answerNs() - (nowNs - startNs);
      if (leftNs <= 0) {
        return false;
      }
      final long _ = changed.awaitNanos(Math.min(leftNs, TurnDialogue.QUIET_NS));
    }
    return false;
  }

  private Dialogue dialogue(final byte[] first) {
    Dialogue with = dialogue;
    if (with == null) {
      with =
          HttpDialogue.speaks(first)
              ? new HttpDialogue(session, drive.exchanges(), drive.counts()::notHttp)
              : new TurnDialogue(session, drive.exchanges());
      dialogue = with;
    }
    return with;
  }

  private void read() {
    final Socket open = socket;
    if (open == null) {
      return;
    }
    final byte[] bytes = new byte[READ_BYTES];
    try {
      final InputStream from = open.getInputStream();
      int count = from.read(bytes);
      while (count >= 0) {
        heard(bytes, count);
        count = from.read(bytes);
      }
    } catch (IOException e) {
      // As with an orderly end, nothing more will come.
    }
    heard(bytes, -1);
  }

  private void heard(final byte[] bytes, final int count) {
    lock.lock();
    try {
      final long nowNs = System.nanoTime();
      if (count >= 0) {
        dialogue(NOTHING).shadowSent(bytes, count, nowNs);
      } else {
        shadowEnded = true;
        final Dialogue with = dialogue;
        if (with != null) {
          with.shadowEnded(nowNs);
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Where it comes from, for connecting. */
  static InetSocketAddress clientAddress(final Session session) {
    return new InetSocketAddress(session.client().getAddress(), 0);
  }
}
