package dev.shadowplane.dataplane.session;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection as its segments tell of it. */
final class TcpConnection {
  /**
   * How long bytes that one end acknowledged may still come: frames of the two directions may be
   * read out of step.
   */
  private static final long LOSS_PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);

  /** A reset is believed when it is so close behind what came last. */
  private static final int RESET_WINDOW_BYTES = 1 << 20;

  private final TcpStream fromClient;
  private final TcpStream fromServer;
  private final Opening opening = new Opening();
  private final SessionCounts counts;
  private @Nullable SessionObserver observer;
  private boolean clientEndTold;
  private boolean serverEndTold;
  private long seenNs;

  /** An open one, or with no observer one that is passed over. */
  TcpConnection(
      SessionLimits limits,
      HeldBytes held,
      SessionCounts counts,
      @Nullable SessionObserver observer) {
    fromClient = new TcpStream(limits, held, counts);
    fromServer = new TcpStream(limits, held, counts);
    this.counts = counts;
    this.observer = observer;
  }

  boolean isOpen() {
    return observer != null;
  }

  long seenNs() {
    return seenNs;
  }

  /** Whether a SYN of the client's begins another connection between the same ends. */
  boolean isOther(TcpSegment syn) {
    return !fromClient.hasBegun() || fromClient.firstSequence() != syn.sequence + 1;
  }

  void accept(TcpSegment segment, boolean ofClient) {
    seenNs = segment.timestampNs;
    if (observer == null) {
      // What comes again of a connection that is over must not be taken for another one.
      if (ofClient && segment.has(TcpSegment.SYN)) {
        fromClient.begin(segment.sequence + 1);
      }
      return;
    }
    learn(segment, ofClient);
    final TcpStream stream = ofClient ? fromClient : fromServer;
    if (!stream.hasBegun()) {
      return;
    }
    if (segment.has(TcpSegment.RST)) {
      reset(segment, ofClient, stream);
      return;
    }
    final TcpStream.Taken taken =
        stream.take(segment, ofClient ? this::clientData : this::serverData);
    if (taken != TcpStream.Taken.DONE) {
      giveUp(taken == TcpStream.Taken.GAP ? Undrivable.GAP : Undrivable.LIMIT);
      return;
    }
    tellEnds();
    lookForLoss(segment, ofClient);
  }

  /** A direction whose SYN was missed begins where the other one says. */
  private void learn(TcpSegment segment, boolean ofClient) {
    if (segment.has(TcpSegment.SYN)) {
      (ofClient ? fromClient : fromServer).begin(segment.sequence + 1);
      if (!ofClient) {
        fromClient.begin(segment.acknowledgement);
      }
    } else if (ofClient && segment.has(TcpSegment.ACK)) {
      fromServer.begin(segment.acknowledgement);
    }
  }

  private void reset(TcpSegment segment, boolean ofClient, TcpStream stream) {
    final SessionObserver told = observer;
    final long distance = stream.position(segment.sequence) - stream.delivered();
    if (told == null || distance < 0 || distance > RESET_WINDOW_BYTES) {
      return;
    }
    if (stream.hasHole() || other(stream).hasHole()) {
      giveUp(Undrivable.GAP);
      return;
    }
    told.reset(segment.timestampNs, ofClient ? fromServer.delivered() : -1);
    end();
  }

  private TcpStream other(TcpStream stream) {
    return stream == fromClient ? fromServer : fromClient;
  }

  private void clientData(byte[] bytes, long timestampNs, int acknowledgement) {
    final SessionObserver told = observer;
    if (told == null) {
      return;
    }
    final @Nullable Undrivable reason = opening.client(bytes);
    if (reason != null) {
      giveUp(reason);
    } else {
      told.clientData(bytes, timestampNs, serverBytesSeen(acknowledgement));
    }
  }

  private long serverBytesSeen(int acknowledgement) {
    return fromServer.hasBegun() ? Math.max(0, fromServer.position(acknowledgement)) : 0;
  }

  private void serverData(byte[] bytes, long timestampNs, int acknowledgement) {
    final SessionObserver told = observer;
    if (told == null) {
      return;
    }
    final @Nullable Undrivable reason = opening.server(bytes);
    if (reason != null) {
      giveUp(reason);
    } else {
      told.serverData(bytes, timestampNs);
    }
  }

  private void tellEnds() {
    final SessionObserver told = observer;
    if (told == null) {
      return;
    }
    if (fromClient.isEnded() && !clientEndTold) {
      clientEndTold = true;
      told.clientEnd(fromClient.endNs(), serverBytesSeen(fromClient.endAcknowledgement()));
    }
    if (fromServer.isEnded() && !serverEndTold) {
      serverEndTold = true;
      told.serverEnd(fromServer.endNs());
    }
    if (clientEndTold && serverEndTold) {
      end();
    }
  }

  private void lookForLoss(TcpSegment segment, boolean ofClient) {
    if (observer == null || !segment.has(TcpSegment.ACK)) {
      return;
    }
    final TcpStream acknowledged = ofClient ? fromServer : fromClient;
    if (acknowledged.hasBegun()
        && acknowledged.isLost(segment.acknowledgement, segment.timestampNs, LOSS_PATIENCE_NS)) {
      giveUp(Undrivable.GAP);
    }
  }

  /** Nothing more will come: what is missing stays missing. */
  void finish() {
    if (observer == null) {
      return;
    }
    if (fromClient.hasHole() || fromServer.hasHole()) {
      giveUp(Undrivable.GAP);
    } else {
      end();
    }
  }

  void giveUp(Undrivable reason) {
    final SessionObserver told = observer;
    if (told != null) {
      counts.undrivable(reason, 1);
      release();
      told.undrivable(reason);
    }
  }

  private void end() {
    final SessionObserver told = observer;
    if (told != null) {
      release();
      told.ended();
    }
  }

  private void release() {
    observer = null;
    fromClient.close();
    fromServer.close();
  }
}
