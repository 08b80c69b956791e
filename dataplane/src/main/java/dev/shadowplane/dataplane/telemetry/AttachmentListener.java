package dev.shadowplane.dataplane.telemetry;

/** What control learns about its attachment, on the thread that runs {@link AttachmentClient}. */
public interface AttachmentListener {
  /**
   * The data plane has answered and commands can be submitted: the time to reconcile.
   *
   * @param dataplaneEpoch differs from the one before when the data plane was restarted meanwhile.
   * @param controlEpoch this attachment, counted by that data plane.
   */
  void attached(long dataplaneEpoch, long controlEpoch);

  /**
   * The attachment has ended and every pending command has failed. The client goes on looking for a
   * data plane.
   *
   * @param reason one line.
   */
  void detached(String reason);

  /**
   * An event that answers no command.
   *
   * @param type at least {@link EventSender#MIN_EVENT_TYPE}.
   * @param text its body.
   */
  void event(int type, String text);
}
