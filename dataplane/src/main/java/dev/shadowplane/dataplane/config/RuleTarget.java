package dev.shadowplane.dataplane.config;

/** Where mirrored packets go. */
public sealed interface RuleTarget {
  /** The journal. */
  RuleTarget JOURNAL = new Journal();

  /**
   * Reads one.
   *
   * @param text {@code journal}, or {@code port:} and a port's name
   * @return the target
   * @throws IllegalArgumentException when it is neither
   */
  static RuleTarget of(String text) {
    if (text.equals("journal")) {
      return JOURNAL;
    }
    if (text.startsWith("port:") && text.length() > 5) {
      return new Port(text.substring(5));
    }
    throw new IllegalArgumentException("give journal, or port: and the name of a port");
  }

  /**
   * A port: frames are sent there by reference.
   *
   * @param name the port's
   */
  record Port(String name) implements RuleTarget {
    @Override
    public String toString() {
      return "port:" + name;
    }
  }

  /** Frames are written to disk. */
  record Journal() implements RuleTarget {
    @Override
    public String toString() {
      return "journal";
    }
  }
}
