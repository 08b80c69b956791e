package dev.shadowplane.dataplane.ipfix;

/**
 * A collector and how flows are told to it.
 *
 * @param transport what carries the messages
 * @param host name or address of the collector, an IPv6 address without brackets
 * @param port 1 to 65,535
 * @param mtu bytes of IP packets over UDP, {@link #MIN_MTU} to {@link #MAX_MTU}; of no effect over
 *     TCP
 * @param biflow whether a record tells both directions of a flow (RFC 5103); otherwise each
 *     direction that had packets has a record of its own
 * @param templateSeconds over UDP a template is sent again when it is this old, 1 to {@link
 *     #MAX_TEMPLATE_SECONDS}
 * @param templateMessages or this many messages ago, 1 to {@link #MAX_TEMPLATE_MESSAGES}
 * @param enterprise the private enterprise number under which statistics are sent that IANA has no
 *     element for, or {@link #NO_ENTERPRISE} to leave these out
 * @param domain the observation domain, 0 to 2^32 - 1
 */
public record IpfixConfig(
    Transport transport,
    String host,
    int port,
    int mtu,
    boolean biflow,
    int templateSeconds,
    int templateMessages,
    long enterprise,
    long domain) {
  /** What carries messages. */
  public enum Transport {
    /** A message a datagram; templates are repeated. */
    UDP,
    /** One message after another; templates are sent once a connection. */
    TCP;

    /**
     * The transport as configuration writes it.
     *
     * @return lower case
     */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** The port that IANA has given to IPFIX. */
  public static final int DEFAULT_PORT = 4739;

  /** The least MTU of IPv6 (RFC 8200, section 5), in which every template and record has room. */
  public static final int MIN_MTU = 1_280;

  /** The longest IP packet. */
  public static final int MAX_MTU = 65_535;

  /** Leaves room for a tunnel in Ethernet's 1,500 bytes. */
  public static final int DEFAULT_MTU = 1_400;

  /** The default of {@link #templateSeconds}. */
  public static final int DEFAULT_TEMPLATE_SECONDS = 60;

  /** The oldest that a template may get. */
  public static final int MAX_TEMPLATE_SECONDS = 86_400;

  /** The default of {@link #templateMessages}. */
  public static final int DEFAULT_TEMPLATE_MESSAGES = 1_000;

  /** The most messages after which a template is sent again. */
  public static final int MAX_TEMPLATE_MESSAGES = 1_000_000;

  /** Stands for none. */
  public static final long NO_ENTERPRISE = 0;

  /** The largest number of 32 bits. */
  public static final long MAX_UNSIGNED_32 = 0xffff_ffffL;

  /** Checks the limits. */
  public IpfixConfig {
    require("port", port, 1, 65_535);
    require("mtu", mtu, MIN_MTU, MAX_MTU);
    require("template-seconds", templateSeconds, 1, MAX_TEMPLATE_SECONDS);
    require("template-messages", templateMessages, 1, MAX_TEMPLATE_MESSAGES);
    require("enterprise", enterprise, NO_ENTERPRISE, MAX_UNSIGNED_32);
    require("domain", domain, 0, MAX_UNSIGNED_32);
    requireOwn(enterprise);
  }

  /**
   * Refuses an enterprise number that nobody can have of their own.
   *
   * @param enterprise the number
   * @throws IllegalArgumentException when it is that of reverse elements
   */
  public static void requireOwn(long enterprise) {
    if (enterprise == Field.REVERSE_ENTERPRISE) {
      throw new IllegalArgumentException(
          "is that of reverse elements (RFC 5103): use your organisation's number");
    }
  }

  /**
   * Defaults.
   *
   * @param transport what carries the messages
   * @param host name or address of the collector
   * @param port 1 to 65,535
   * @return bidirectional, with defaults for the rest
   */
  public static IpfixConfig of(Transport transport, String host, int port) {
    return new IpfixConfig(
        transport,
        host,
        port,
        DEFAULT_MTU,
        true,
        DEFAULT_TEMPLATE_SECONDS,
        DEFAULT_TEMPLATE_MESSAGES,
        NO_ENTERPRISE,
        0);
  }

  /**
   * Where messages go.
   *
   * @return for example {@code udp://127.0.0.1:4739}
   */
  public String target() {
    return transport.text()
        + "://"
        + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
        + ":"
        + port;
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " " + value + " cannot be used: give a whole number from " + min + " to " + max);
    }
  }
}
