package dev.shadowplane.dataplane.telemetry;

/** Carries out the commands of control, on the thread of the conductor. */
@FunctionalInterface
public interface CommandHandler {
  /**
   * Takes one command. Exactly one reply is due, now or in a later duty cycle. A RuntimeException
   * thrown from here becomes a {@link ReplyStatus#FAILED} reply and is counted.
   *
   * @param correlationId names the command in its reply.
   * @param type what is asked.
   * @param body UTF-8 text that control wrote: valid as text and bounded in length, otherwise
   *     hostile.
   * @param events where the reply goes.
   */
  void command(long correlationId, CommandType type, String body, EventSender events);
}
