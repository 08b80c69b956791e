package dev.shadowplane.control.feed;

/**
 * What production's client and server said to each other in the order of cause and effect, and what
 * the shadow's server said to the same client: answers are paired, and it is known how far the
 * shadow has come. Times of production are nanoseconds since the epoch, those of the shadow are
 * {@link System#nanoTime}. Used under the lock of its session.
 */
interface Dialogue {
  /**
   * The client's next bytes are passed on to the shadow.
   *
   * @param bytes what the client sent.
   * @param timestampNs when it did.
   * @param nowNs when it is passed on.
   */
  void clientSent(byte[] bytes, long timestampNs, long nowNs);

  /** Production's server sent bytes before the client's next. */
  void primarySent(byte[] bytes, int offset, int count, long timestampNs);

  /** Production's server sends nothing more. */
  void primaryEnded(long timestampNs);

  /** The shadow's server sent bytes. */
  void shadowSent(byte[] bytes, int count, long nowNs);

  /** The shadow's server sends nothing more. */
  void shadowEnded(long nowNs);

  /** Whether the shadow has answered all that production has answered so far. */
  boolean hasAnswered(long nowNs);

  /** Nothing follows on either side: what is asked for and not answered is missing. */
  void finish();
}
