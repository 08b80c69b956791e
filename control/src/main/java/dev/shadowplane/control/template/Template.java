package dev.shadowplane.control.template;

import dev.shadowplane.control.model.Network;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants: a production network, and its shadow.
 *
 * @param network the production network.
 * @param provisioner who makes the production network: a provisioner's name, or {@code none} if it
 *     exists already.
 * @param port the data-plane port that the production network's attachment is the far end of; empty
 *     if it has none.
 * @param hostInterface that far end; empty if it has none.
 * @param hostSubnet the subnet that it becomes a port of; empty if it has none.
 * @param shadow its shadow; null if {@code shadow_enabled} is false.
 */
public record Template(
    Network network,
    String provisioner,
    String port,
    String hostInterface,
    String hostSubnet,
    @Nullable ShadowSpec shadow) {
  /** The version of the format that this program reads and writes. */
  public static final int VERSION = 1;
}
