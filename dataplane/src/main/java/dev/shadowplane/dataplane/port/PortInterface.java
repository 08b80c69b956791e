package dev.shadowplane.dataplane.port;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The kernel's interface that a port's device stands on, which others make and may take away. The
 * device itself does not notice, and goes on with nothing. One thread.
 */
public final class PortInterface {
  /** Of these, {@code net_af_xdp} does not let go of the pool, and takes it only once. */
  private static final Set<String> DRIVERS = Set.of(AfPacket.DRIVER, "net_af_xdp");

  private final Port port;
  private final KernelInterface kernel;
  private final OptionalInt mtu;

  private PortInterface(Port port) {
    this.port = port;
    this.kernel = KernelInterface.of(port.config().name(), port.config().device());
    this.mtu = kernel.mtu();
  }

  /**
   * The interface of a port.
   *
   * @param port open
   * @return empty for a device that stands on none
   */
  public static Optional<PortInterface> of(Port port) {
    return DRIVERS.contains(port.eth().info().driver())
        ? Optional.of(new PortInterface(port))
        : Optional.empty();
  }

  /**
   * Its name.
   *
   * @return as in {@code ip link}
   */
  public String name() {
    return kernel.name();
  }

  /**
   * Whether the port's device can be detached and attached again.
   *
   * @return false when it takes another process
   */
  public boolean isReplaceable() {
    return port.eth().info().driver().equals(AfPacket.DRIVER);
  }

  /**
   * Whether the interface under the port's device is gone.
   *
   * @return true also when there is another of its name
   */
  public boolean isGone() {
    return kernel.index().orElse(0) != port.eth().info().interfaceIndex();
  }

  /**
   * What keeps the device from being attached to the interface that has this name.
   *
   * @return one clause with the remedy; empty when nothing does
   */
  public Optional<String> obstacle() {
    final OptionalInt present = kernel.mtu();
    if (present.isEmpty()) {
      return Optional.of("there is no interface " + name());
    }
    if (port.config().mtu() == 0 && !present.equals(mtu)) {
      // Rings and the longest frame to be sent are those of the MTU there was at the start.
      return Optional.of(
          name()
              + " has another MTU than before: ip link set "
              + name()
              + " mtu "
              + mtu.orElseThrow());
    }
    return kernel.isUp()
        ? Optional.empty()
        : Optional.of(name() + " is down: ip link set " + name() + " up");
  }
}
