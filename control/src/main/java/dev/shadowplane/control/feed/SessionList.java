package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.replay.EthernetSource;
import dev.shadowplane.dataplane.replay.FrameSource;
import dev.shadowplane.dataplane.session.NamedService;
import dev.shadowplane.dataplane.session.Session;
import dev.shadowplane.dataplane.session.SessionCounts;
import dev.shadowplane.dataplane.session.SessionLimits;
import dev.shadowplane.dataplane.session.SessionListener;
import dev.shadowplane.dataplane.session.SessionObserver;
import dev.shadowplane.dataplane.session.SessionReassembly;
import dev.shadowplane.dataplane.session.Undrivable;
import io.netty.handler.codec.http.HttpMessage;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sessions of a source, described. */
public final class SessionList {
  private SessionList() {}

  /**
   * A session.
   *
   * @param session its ends and beginning.
   * @param client what the client sent: how much, and its hash.
   * @param server what the server sent.
   * @param requests how many requests of HTTP/1 the client sent completely; 0 if it speaks another
   *     protocol.
   * @param undrivable why it cannot be driven to its end; null if it can.
   */
  public record Row(
      Session session,
      Answer client,
      Answer server,
      int requests,
      @Nullable Undrivable undrivable) {}

  /**
   * Goes through a source.
   *
   * @param frames any that ends; the caller closes it.
   * @param services whose sessions are listed.
   * @param rows takes each session as it ends.
   * @param cancelled whether to end early.
   * @return what was met.
   * @throws IOException when the source cannot be read.
   */
  public static SessionCounts of(
      final FrameSource frames,
      final List<NamedService> services,
      final Consumer<Row> rows,
      final BooleanSupplier cancelled)
      throws IOException {
    final EthernetSource source = new EthernetSource(frames);
    final SessionReassembly reassembly =
        new SessionReassembly(services, SessionLimits.DEFAULT, new Lister(rows));
    while (!cancelled.getAsBoolean() && source.next()) {
      reassembly.accept(source);
    }
    reassembly.end();
    return reassembly.counts();
  }

  private record Lister(Consumer<Row> rows) implements SessionListener {
    @Override
    public SessionObserver opened(final Session session) {
      return new Described(session, rows);
    }

    @Override
    public void midstream(final Session session) {
      new Described(session, rows).undrivable(Undrivable.STARTED_MIDSTREAM);
    }
  }

  private static final class Described implements SessionObserver, HttpMessages.Sink {
    private final Session session;
    private final Consumer<Row> rows;
    private final AnswerDigest client = new AnswerDigest();
    private final AnswerDigest server = new AnswerDigest();
    private @Nullable HttpMessages messages;
    private int requests;

    private Described(final Session session, final Consumer<Row> rows) {
      this.session = session;
      this.rows = rows;
    }

    @Override
    public void clientData(final byte[] bytes, final long timestampNs, final long serverBytesSeen) {
      if (client.bytes() == 0 && HttpDialogue.speaks(bytes)) {
        messages = HttpMessages.requests(this);
      }
      client.add(bytes, 0, bytes.length, timestampNs);
      final HttpMessages http = messages;
      if (http != null) {
        http.add(bytes, 0, bytes.length);
      }
    }

    @Override
    public void serverData(final byte[] bytes, final long timestampNs) {
      server.add(bytes, 0, bytes.length, timestampNs);
    }

    @Override
    public void clientEnd(final long timestampNs, final long serverBytesSeen) {}

    @Override
    public void serverEnd(final long timestampNs) {}

    @Override
    public void reset(final long timestampNs, final long serverBytesSeen) {}

    @Override
    public void head(final HttpMessage message) {}

    @Override
    public void body(final byte[] bytes) {}

    @Override
    public void end() {
      requests++;
    }

    @Override
    public void undrivable(final Undrivable reason) {
      tell(reason);
    }

    @Override
    public void ended() {
      tell(null);
    }

    private void tell(final @Nullable Undrivable reason) {
      final HttpMessages http = messages;
      if (http != null) {
        http.close();
      }
      rows.accept(new Row(session, client.end(0, 0, 0), server.end(0, 0, 0), requests, reason));
    }
  }
}
