package dev.shadowplane.dataplane.telemetry;

/**
 * The data plane's way to control: replies and events, in the order sent. For the thread of the
 * conductor only. Nothing here waits or throws because of what control does or fails to do: what
 * cannot be sent is shed and counted as {@code attachment.events-shed}.
 */
public interface EventSender {
  /** The lowest type id of an event; those below are the layout's own. */
  int MIN_EVENT_TYPE = 100;

  /**
   * Answers a command. A text above {@link #maxTextBytes()} is replaced by a {@link
   * ReplyStatus#FAILED} reply that says so.
   *
   * @param correlationId of the command, which may belong to an attachment that has ended: control
   *     then ignores the reply.
   * @param status the outcome.
   * @param text the answer.
   * @return false when it was shed: nobody is attached, or control does not read its events.
   */
  boolean reply(long correlationId, ReplyStatus status, String text);

  /**
   * Sends an event that answers no command.
   *
   * @param type at least {@link #MIN_EVENT_TYPE}; its meaning is agreed between conductor and
   *     control.
   * @param text the body.
   * @return false when it was shed: nobody is attached, control does not read its events, or the
   *     text is above {@link #maxTextBytes()}.
   */
  boolean event(int type, String text);

  /** Returns the longest text that can be sent, in bytes of UTF-8; 0 when nobody is attached. */
  int maxTextBytes();
}
