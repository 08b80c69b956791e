package dev.shadowplane.dataplane.session;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes down what is told of sessions. */
final class Recorded implements SessionListener {
  final List<One> sessions = new ArrayList<>();
  final List<Session> midstream = new ArrayList<>();

  /** One session. */
  static final class One implements SessionObserver {
    final Session session;
    final ByteArrayOutputStream client = new ByteArrayOutputStream();
    final ByteArrayOutputStream server = new ByteArrayOutputStream();
    final List<String> log = new ArrayList<>();
    String end = "";

    One(Session session) {
      this.session = session;
    }

    private void open() {
      if (!end.isEmpty()) {
        throw new AssertionError("told of a session that is " + end);
      }
    }

    @Override
    public void clientData(byte[] bytes, long timestampNs, long serverBytesSeen) {
      open();
      client.writeBytes(bytes);
      log.add("C" + new String(bytes, StandardCharsets.ISO_8859_1) + "@" + serverBytesSeen);
    }

    @Override
    public void serverData(byte[] bytes, long timestampNs) {
      open();
      server.writeBytes(bytes);
      log.add("S" + new String(bytes, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void clientEnd(long timestampNs, long serverBytesSeen) {
      open();
      log.add("CF@" + serverBytesSeen);
    }

    @Override
    public void serverEnd(long timestampNs) {
      open();
      log.add("SF");
    }

    @Override
    public void reset(long timestampNs, long serverBytesSeen) {
      open();
      log.add("R@" + serverBytesSeen);
    }

    @Override
    public void undrivable(Undrivable reason) {
      open();
      end = reason.label();
    }

    @Override
    public void ended() {
      open();
      end = "ended";
    }
  }

  @Override
  public SessionObserver opened(Session session) {
    sessions.add(new One(session));
    return sessions.getLast();
  }

  @Override
  public void midstream(Session session) {
    midstream.add(session);
  }
}
