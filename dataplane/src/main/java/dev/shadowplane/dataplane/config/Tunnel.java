package dev.shadowplane.dataplane.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a packet is carried by.
 *
 * @param type null for any of them
 * @param vni the network identifier, 0 to 16,777,215; null for any
 */
public record Tunnel(@Nullable Type type, @Nullable Integer vni) {
  /** The largest network identifier. */
  public static final int MAX_VNI = (1 << 24) - 1;

  /** How packets are carried. */
  public enum Type {
    /** RFC 7348. */
    VXLAN(4789),
    /** RFC 8926. */
    GENEVE(6081);

    private final int port;

    Type(int port) {
      this.port = port;
    }

    /**
     * Where it is sent to.
     *
     * @return the UDP port
     */
    public int port() {
      return port;
    }

    /**
     * Reads one.
     *
     * @param text its name
     * @return the type
     * @throws IllegalArgumentException when it is unknown
     */
    public static Type of(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "vxlan" -> VXLAN;
        case "geneve" -> GENEVE;
        default -> throw new IllegalArgumentException("give vxlan or geneve");
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
