package dev.shadowplane.dataplane.session;

/** Is told of sessions. Called by the thread that reassembles. */
public interface SessionListener {
  /**
   * A client connects.
   *
   * @param session which, and where to
   * @return is told the rest
   */
  SessionObserver opened(Session session);

  /**
   * A connection that is known from its middle only. Said once.
   *
   * @param session the time is that of the first frame seen
   */
  void midstream(Session session);
}
