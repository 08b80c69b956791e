package dev.shadowplane.dataplane.telemetry;

/** WIP. */
public final class AttachmentServer implements AutoCloseable {
  private final EventSender events =
      new EventSender() {
        @Override
        public boolean reply(final long c, final ReplyStatus s, final String t) {
          return false;
        }

        @Override
        public boolean event(final int t, final String x) {
          return false;
        }

        @Override
        public int maxTextBytes() {
          return 0;
        }
      };

  /** Makes the files of the attachment in the directory of the counters. */
  public AttachmentServer(
      final CountersFile counters,
      final AttachmentConfig config,
      final CommandHandler commands,
      final RecordRings<RecordRing> records) {}

  /** One duty cycle: at most one command. Returns the work count. */
  public int poll(final long nowNs) {
    return 0;
  }

  /** Replies and events; conductor's thread. */
  public EventSender events() {
    return events;
  }

  /** Whether a control is attached. */
  public boolean isAttached() {
    return false;
  }

  /** Why the last attachment ended, or empty. */
  public String lastDetachReason() {
    return "";
  }

  @Override
  public void close() {}
}
