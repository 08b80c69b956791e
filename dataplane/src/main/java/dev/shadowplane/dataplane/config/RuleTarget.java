package dev.shadowplane.dataplane.config;

/** Where mirrored packets go. */
public sealed interface RuleTarget {
  /** The journal. */
  RuleTarget JOURNAL = new Journal();

  /**
   * Reads one.
   *
   * @param text {@code journal}, or {@code port:} and a port's name, or {@code collector:} and a
   *     collector's
   * @return the target
   * @throws IllegalArgumentException when it is none of them
   */
  static RuleTarget of(String text) {
    if (text.equals("journal")) {
      return JOURNAL;
    }
    if (text.startsWith("port:") && text.length() > 5) {
      return new Port(text.substring(5));
    }
    if (text.startsWith("collector:") && text.length() > 10) {
      return new Collector(text.substring(10));
    }
    throw new IllegalArgumentException(
        "give journal, or port: and the name of a port, or collector: and the name of a collector");
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

  /**
   * A collector: frames are sent there in an encapsulation.
   *
   * @param name the collector's
   */
  record Collector(String name) implements RuleTarget {
    @Override
    public String toString() {
      return "collector:" + name;
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
