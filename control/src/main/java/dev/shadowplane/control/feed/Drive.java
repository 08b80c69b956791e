package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.session.Session;
import dev.shadowplane.dataplane.session.SessionListener;
import dev.shadowplane.dataplane.session.SessionObserver;
import dev.shadowplane.dataplane.session.Undrivable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** All sessions that are driven, and what they share. */
final class Drive implements SessionListener {
  private static final long END_NS = TimeUnit.SECONDS.toNanos(2);

  private final FeedOptions options;
  private final Timeline timeline;
  private final boolean live;
  private final DriveListener listener;
  private final FeedCounts counts;
  private final Backlog backlog = new Backlog();
  private long resumedNs = Long.MIN_VALUE;
  private final Set<DrivenSession> active = ConcurrentHashMap.newKeySet();

  Drive(
      final FeedOptions options,
      final boolean live,
      final FeedCounts counts,
      final DriveListener listener) {
    this.options = options;
    this.live = live && options.speed() == 1;
    this.timeline = this.live ? Timeline.live(options.delayNs()) : Timeline.ofPast(options.speed());
    this.counts = counts;
    this.listener = listener;
  }

  /** Drives only what begins later. */
  void resume(final long latestNs) {
    resumedNs = latestNs;
  }

  FeedOptions options() {
    return options;
  }

  Timeline timeline() {
    return timeline;
  }

  Backlog backlog() {
    return backlog;
  }

  FeedCounts counts() {
    return counts;
  }

  int active() {
    return active.size();
  }

  ExchangeSink exchanges() {
    return this::compare;
  }

  private void compare(final Exchange exchange) {
    final Set<DifferenceKind> kinds = DifferenceKind.of(exchange);
    final boolean slow = isSlow(exchange);
    counts.compared(kinds, slow);
    listener.compared(exchange, kinds, slow);
  }

  private boolean isSlow(final Exchange exchange) {
    final @Nullable Answer shadow = exchange.shadow();
    final long primaryNs = exchange.primary().latencyNs();
    return shadow != null
        && shadow.latencyNs() > primaryNs * options.slowFactor()
        && shadow.latencyNs() - primaryNs > options.slowNs();
  }

  @Override
  public SessionObserver opened(final Session session) {
    if (session.startNs() <= resumedNs) {
      return new IgnoredSession();
    }
    counts.seen();
    if (active.size() >= options.sessions()) {
      counts.overload();
      return new IgnoredSession();
    }
    timeline.begin(session.startNs());
    final DrivenSession driven = new DrivenSession(session, this);
    active.add(driven);
    Thread.ofVirtual().name("session").start(driven::run);
    return driven;
  }

  @Override
  public void midstream(final Session session) {
    counts.midstream();
  }

  boolean isLate(final long startNs) {
    return live && System.nanoTime() - timeline.dueNs(startNs) > options.lateNs();
  }

  void begins(final Session session) {
    listener.begins(session);
    counts.driven();
  }

  Socket connect(final Session session) throws IOException {
    final InetSocketAddress to = options.target() == null ? session.server() : options.target();
    final int timeoutMs = (int) TimeUnit.NANOSECONDS.toMillis(options.answerNs());
    if (options.clientAddresses()
        && to.getAddress().getClass() == session.client().getAddress().getClass()) {
      final Socket bound = new Socket();
      try {
        bound.bind(DrivenSession.clientAddress(session));
        return connect(bound, to, timeoutMs);
      } catch (BindException e) {
        bound.close();
      }
    }
    counts.otherAddress();
    return connect(new Socket(), to, timeoutMs);
  }

  private static Socket connect(
      final Socket socket, final InetSocketAddress to, final int timeoutMs) throws IOException {
    boolean done = false;
    try {
      socket.connect(to, timeoutMs);
      socket.setTcpNoDelay(true);
      done = true;
      return socket;
    } finally {
      if (!done) {
        socket.close();
      }
    }
  }

  void ended(
      final DrivenSession session,
      final Outcome outcome,
      final @Nullable Undrivable reason,
      final boolean connected) {
    active.remove(session);
    counts.ended(outcome, reason, connected);
    if (connected || outcome == Outcome.CONNECT) {
      listener.ended();
    }
  }

  /** Looks after sessions that are stuck; about once a second. */
  void look() {
    final long nowNs = System.nanoTime();
    active.forEach(session -> session.closeIfStuck(nowNs));
  }

  /** Breaks off what is driven, and waits until it is. */
  void interrupt() throws InterruptedException {
    active.forEach(DrivenSession::interrupt);
    final long startNs = System.nanoTime();
    while (!active.isEmpty() && System.nanoTime() - startNs < END_NS) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
