package dev.shadowplane.control.model;

/** What a filter's rule is about. */
public enum Protocol {
  /** Every protocol. */
  ANY,
  /** TCP. */
  TCP,
  /** UDP. */
  UDP,
  /** ICMP, and ICMPv6 for IPv6. */
  ICMP
}
