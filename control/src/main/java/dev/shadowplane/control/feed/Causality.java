package dev.shadowplane.control.feed;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a session and is not dealt with yet, in the order of cause and effect: what the
 * client sent comes behind the server's bytes that it had acknowledged, and before the others,
 * however the two directions were read. Used under the lock of its session.
 */
final class Causality {
  /** Something that happened. */
  sealed interface Event {
    /** When, in nanoseconds since the epoch. */
    long timestampNs();
  }

  /** The client sent bytes; none, and how it ends, when it sends nothing more. */
  static final class Client implements Event {
    private final byte[] bytes;
    private final long timestampNs;
    private final long seen;
    private final End end;

    Client(final byte[] bytes, final long timestampNs, final long seen, final End end) {
      this.bytes = bytes;
      this.timestampNs = timestampNs;
      this.seen = seen;
      this.end = end;
    }

    byte[] bytes() {
      return bytes;
    }

    @Override
    public long timestampNs() {
      return timestampNs;
    }

    End end() {
      return end;
    }
  }

  /** The server sent some of the bytes; none when it sends nothing more. */
  static final class Server implements Event {
    private final byte[] bytes;
    private final int offset;
    private final int count;
    private final long timestampNs;

    Server(final byte[] bytes, final int offset, final int count, final long timestampNs) {
      this.bytes = bytes;
      this.offset = offset;
      this.count = count;
      this.timestampNs = timestampNs;
    }

    byte[] bytes() {
      return bytes;
    }

    int offset() {
      return offset;
    }

    int count() {
      return count;
    }

    @Override
    public long timestampNs() {
      return timestampNs;
    }
  }

  /** How the client ends. */
  enum End {
    /** Not. */
    NONE,
    /** By FIN. */
    HALF_CLOSE,
    /** By RST. */
    RESET
  }

  private final Backlog backlog;
  private final Deque<Client> client = new ArrayDeque<>();
  private final Deque<Server> server = new ArrayDeque<>();
  private long serverBytes;
  private boolean complete;

  Causality(final Backlog backlog) {
    this.backlog = backlog;
  }

  void add(final Client event) {
    backlog.add(event.bytes.length);
    client.add(event);
  }

  void add(final Server event) {
    backlog.add(event.bytes.length);
    server.add(event);
  }

  /** Nothing more will be added. */
  void complete() {
    complete = true;
  }

  /** Whether everything was taken and nothing will come. */
  boolean isOver() {
    return complete && client.isEmpty() && server.isEmpty();
  }

  /** What is next; null if it has not been read yet. */
  @Nullable Event peek() {
    final Client ofClient = client.peekFirst();
    final Server ofServer = server.peekFirst();
    if (ofClient == null) {
      return ofServer;
    }
    final boolean seen = serverBytes >= ofClient.seen;
    if (ofServer == null) {
      return seen || complete ? ofClient : null;
    }
    return seen ? ofClient : upTo(ofServer, ofClient.seen);
  }

  private Server upTo(final Server event, final long seen) {
    final long room = seen - serverBytes;
    return room >= event.count
        ? event
        : new Server(event.bytes, event.offset, (int) room, event.timestampNs);
  }

  /** Takes what {@link #peek} returned. */
  void remove(final Event event) {
    if (event instanceof Client) {
      backlog.remove(client.removeFirst().bytes.length);
      return;
    }
    final Server whole = server.removeFirst();
    final int taken = ((Server) event).count;
    serverBytes += whole.count == 0 ? 1 : taken; // A FIN is acknowledged as a byte is.
    if (taken < whole.count) {
      server.addFirst(
          new Server(whole.bytes, whole.offset + taken, whole.count - taken, whole.timestampNs));
    } else {
      backlog.remove(whole.bytes.length);
    }
  }

  /** Forgets all. */
  void clear() {
    client.forEach(event -> backlog.remove(event.bytes.length));
    server.forEach(event -> backlog.remove(event.bytes.length));
    client.clear();
    server.clear();
    complete = true;
  }
}
