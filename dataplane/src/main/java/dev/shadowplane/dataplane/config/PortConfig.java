package dev.shadowplane.dataplane.config;

/**
 * A port.
 *
 * @param name what rules, counters and messages call it
 * @param device a PCI address, or a virtual device with its arguments
 * @param mtu payload bytes of the longest frame; 0 leaves the device's own
 * @param rxDescriptors wished for a receive queue
 * @param txDescriptors wished for a transmit queue
 * @param shadow whether a shadow network lies behind it, whose role decides what becomes of the
 *     frames that come from there; such a port does not forward
 */
public record PortConfig(
    String name, String device, int mtu, int rxDescriptors, int txDescriptors, boolean shadow) {
  /**
   * A port with no shadow network behind it.
   *
   * @param name what rules, counters and messages call it
   * @param device a PCI address, or a virtual device with its arguments
   * @param mtu payload bytes of the longest frame; 0 leaves the device's own
   * @param rxDescriptors wished for a receive queue
   * @param txDescriptors wished for a transmit queue
   */
  public PortConfig(String name, String device, int mtu, int rxDescriptors, int txDescriptors) {
    this(name, device, mtu, rxDescriptors, txDescriptors, false);
  }
}
