package dev.shadowplane.dpdk;

import java.util.List;

/**
 * How the environment abstraction layer starts.
 *
 * @param hugepages whether DPDK's memory lies in hugepages; without, it runs at about half the
 *     speed
 * @param memoryMegabytes how much memory to take when {@code hugepages} is off, at least what the
 *     pools need
 * @param pciDevices addresses of the PCI devices to probe, for example {@code 0000:01:10.0}; no
 *     other is touched
 */
public record EalOptions(boolean hugepages, int memoryMegabytes, List<String> pciDevices) {
  /** Copies the list. */
  public EalOptions {
    pciDevices = List.copyOf(pciDevices);
  }
}
