package dev.shadowplane.dataplane.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is put around a mirrored frame on its way to a collector. */
public enum Encapsulation {
  /** VXLAN (RFC 7348); its identifier is the VNI. */
  VXLAN("vni", 0xff_ffff, 4789),
  /** Geneve without options (RFC 8926); its identifier is the VNI. */
  GENEVE("vni", 0xff_ffff, 6081),
  /** GRE with Transparent Ethernet Bridging (RFC 2784, RFC 2890); its identifier is the key. */
  GRE("key", 0xffff_ffffL, 0),
  /** ERSPAN type II (draft-foschiano-erspan); its identifier is the session. */
  ERSPAN2("session", 0x3ff, 0),
  /** ERSPAN type III (draft-foschiano-erspan); its identifier is the session. */
  ERSPAN3("session", 0x3ff, 0);

  private final String idKey;
  private final long maxId;
  private final int udpPort;

  Encapsulation(String idKey, long maxId, int udpPort) {
    this.idKey = idKey;
    this.maxId = maxId;
    this.udpPort = udpPort;
  }

  /**
   * Reads one.
   *
   * @param text its name in lower case
   * @return the encapsulation
   * @throws IllegalArgumentException when there is none of that name
   */
  static Encapsulation of(String text) {
    return Arrays.stream(values())
        .filter(value -> value.text().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "give one of "
                    + Arrays.stream(values())
                        .map(Encapsulation::text)
                        .collect(Collectors.joining(", "))));
  }

  /**
   * Its name in a configuration.
   *
   * @return in lower case
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What its identifier is called in a configuration.
   *
   * @return a key
   */
  public String idKey() {
    return idKey;
  }

  /**
   * Its largest identifier.
   *
   * @return unsigned
   */
  public long maxId() {
    return maxId;
  }

  /**
   * The UDP port that it is sent to unless another is given.
   *
   * @return 0 when it does not go over UDP
   */
  public int udpPort() {
    return udpPort;
  }

  /**
   * Whether it can do without an identifier.
   *
   * @return true for GRE alone
   */
  public boolean isIdOptional() {
    return this == GRE;
  }
}
