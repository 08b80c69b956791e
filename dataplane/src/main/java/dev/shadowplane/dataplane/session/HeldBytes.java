package dev.shadowplane.dataplane.session;

/** How many bytes all sessions hold out of order. */
final class HeldBytes {
  private final long limit;
  private long bytes;

  HeldBytes(long limit) {
    this.limit = limit;
  }

  /** Whether there is room for so many more, which are then taken. */
  boolean take(int count) {
    if (bytes + count > limit) {
      return false;
    }
    bytes += count;
    return true;
  }

  void giveBack(int count) {
    bytes -= count;
  }

  long bytes() {
    return bytes;
  }
}
