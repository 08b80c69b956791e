package dev.shadowplane.dataplane.session;

/**
 * Is told what happens in one session: the bytes of each end in their order, each once, as that end
 * sent them. The two directions may be told out of step by as much as the source mixes them up; how
 * they belong together is said by what the client had seen. Called by the thread that reassembles.
 */
public interface SessionObserver {
  /**
   * The client sent bytes.
   *
   * @param bytes the observer's from here on; not empty
   * @param timestampNs when they were first seen, in nanoseconds since the epoch
   * @param serverBytesSeen how many of the server's bytes the client acknowledged with them
   */
  void clientData(byte[] bytes, long timestampNs, long serverBytesSeen);

  /**
   * The server sent bytes.
   *
   * @param bytes the observer's from here on; not empty
   * @param timestampNs when they were first seen, in nanoseconds since the epoch
   */
  void serverData(byte[] bytes, long timestampNs);

  /**
   * The client sends nothing more.
   *
   * @param timestampNs when its FIN was seen
   * @param serverBytesSeen how many of the server's bytes the client acknowledged with it
   */
  void clientEnd(long timestampNs, long serverBytesSeen);

  /**
   * The server sends nothing more.
   *
   * @param timestampNs when its FIN was seen
   */
  void serverEnd(long timestampNs);

  /**
   * One end broke the connection off; {@link #ended} follows.
   *
   * @param timestampNs when its RST was seen
   * @param serverBytesSeen if the client did, how many of the server's bytes it had acknowledged;
   *     -1 if the server did
   */
  void reset(long timestampNs, long serverBytesSeen);

  /**
   * The rest of the session is of no use; nothing follows.
   *
   * @param reason why
   */
  void undrivable(Undrivable reason);

  /** The connection is over, or the input is, or nothing was heard of it for long. */
  void ended();
}
