package dev.shadowplane.control.provision;

import java.util.Locale;

/**
 * The name of an item.
 *
 * @param network its network.
 * @param kind what it is.
 * @param name unique among those of its kind in the network.
 */
public record ItemKey(String network, Kind kind, String name) {
  /** What an item is; later ones need earlier ones. */
  public enum Kind {
    /** Segments and router. */
    NETWORK,
    /** A virtual machine. */
    VM,
    /** An instance of a service. */
    SERVICE,
    /** A process of Shadowplane. */
    AGENT
  }

  /** As in {@code shop/vm/web-1}. */
  @Override
  public String toString() {
    return network + "/" + kind.name().toLowerCase(Locale.ROOT) + "/" + name;
  }
}
