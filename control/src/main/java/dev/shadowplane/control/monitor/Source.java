package dev.shadowplane.control.monitor;

/** Something that is measured. */
interface Source {
  /** What it is, for messages. */
  String name();

  /** How often it is measured; at least 1. */
  int everySeconds();

  /**
   * Measures. Called by one thread at a time, which may wait.
   *
   * @throws Exception if it cannot be measured; the message is a line for people.
   */
  void read(Readings into) throws Exception;

  /** Takes what was measured. */
  interface Readings {
    /** Takes a value; what is not a finite number is missing. */
    void put(Track track, double value);
  }
}
