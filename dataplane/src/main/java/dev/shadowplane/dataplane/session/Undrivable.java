package dev.shadowplane.dataplane.session;

/** Why a session cannot be driven against another server, or not to its end. */
public enum Undrivable {
  /** The client begins TLS: its bytes mean nothing under other keys. */
  TLS("tls"),
  /** The connection was there before the first frame of it that was seen. */
  STARTED_MIDSTREAM("started-midstream"),
  /** Bytes that one end acknowledged were never seen, or only their headers. */
  GAP("gap"),
  /** The client answers a challenge of the server's, which another server does not repeat. */
  SERVER_NONCE("server-nonce"),
  /** The room for sessions or for bytes out of order was used up. */
  LIMIT("limit");

  private final String label;

  Undrivable(String label) {
    this.label = label;
  }

  /**
   * What reports call it.
   *
   * @return lower-case words joined by hyphens
   */
  public String label() {
    return label;
  }
}
