package dev.shadowplane.dataplane.mirror;

import org.agrona.concurrent.status.AtomicCounter;

/** A number that one worker counts plainly and publishes through a counter. */
public final class TallyCount {
  private final AtomicCounter counter;
  private long value;

  /**
   * A count from the counter's value on.
   *
   * @param counter of which the worker is the only writer
   */
  public TallyCount(AtomicCounter counter) {
    this.counter = counter;
    this.value = counter.getPlain();
  }

  /** The counter's id. */
  int id() {
    return counter.id();
  }

  void add(long delta) {
    value += delta;
  }

  void publish() {
    counter.setRelease(value);
  }

  /**
   * What readers read.
   *
   * @return the counter
   */
  public AtomicCounter counter() {
    return counter;
  }
}
