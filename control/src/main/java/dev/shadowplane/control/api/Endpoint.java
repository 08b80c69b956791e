package dev.shadowplane.control.api;

/**
 * Where control listens.
 *
 * @param host a host name or an address, IPv6 without brackets.
 * @param port 0 to 65,535; 0 lets the system choose.
 */
public record Endpoint(String host, int port) {

  /**
   * Reads {@code HOST:PORT} or {@code [IPv6]:PORT}.
   *
   * @param text the text.
   * @return the endpoint.
   * @throws IllegalArgumentException if it has not that form; the message says what form is
   *     expected.
   */
  public static Endpoint parse(final String text) {
    final int colon = text.lastIndexOf(':');
    final String host = colon < 0 ? "" : text.substring(0, colon);
    final boolean bracketed = host.startsWith("[") && host.endsWith("]");
    final String bare = bracketed ? host.substring(1, host.length() - 1) : host;
    if (bare.isEmpty()
        || (bare.indexOf(':') >= 0) != bracketed
        || !bare.matches(bracketed ? "[0-9a-fA-F:.]+" : "[0-9a-zA-Z._-]+")) {
      throw new IllegalArgumentException(
          "is not HOST:PORT or [IPv6]:PORT: write for example 127.0.0.1:7470");
    }
    final String port = text.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException(
          "has no port from 0 to 65535: write for example 127.0.0.1:7470");
    }
    return new Endpoint(bare, Integer.parseInt(port));
  }

  /**
   * The name that a client on this host connects to: the loopback address where control listens on
   * all addresses.
   *
   * @return a host name or an address without brackets.
   */
  public String clientHost() {
    return switch (host) {
      case "0.0.0.0" -> "127.0.0.1";
      case "::" -> "::1";
      default -> host;
    };
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
