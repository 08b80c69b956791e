package dev.shadowplane.benchmarks;

/** Tuple rules in any number, and which of the flows of {@link Frames} each is about. */
public final class TupleRules {
  /** Of so many flows one has no rule. */
  private static final int FLOWS_TO_ONE_WITHOUT = 12;

  private TupleRules() {}

  /**
   * The selectors of a rule: a network of 256 clients, a server and its port.
   *
   * @param rule its number, below 65,536
   * @return a mapping of YAML
   */
  public static String match(int rule) {
    return "{ source: 10."
        + (rule >>> 8)
        + "."
        + (rule & 0xff)
        + ".0/24, destination: 192.168.0.0/16, protocol: udp, destination-ports: '53' }";
  }

  /**
   * A flow that a rule is about, or that none is.
   *
   * @param index of the flow among those of a capture
   * @param rules how many rules there are
   * @return the number of the flow, as {@link Frames} takes it
   */
  public static int flow(int index, int rules) {
    final int network =
        index % FLOWS_TO_ONE_WITHOUT == 0
            ? rules
            : (int) (((index * 2_654_435_761L) >>> 7) % rules);
    return (network << 8) | (index & 0xff);
  }
}
