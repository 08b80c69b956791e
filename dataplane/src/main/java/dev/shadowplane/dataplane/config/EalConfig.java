package dev.shadowplane.dataplane.config;

/**
 * How DPDK starts.
 *
 * @param hugepages whether its memory lies in hugepages
 * @param memoryMegabytes how much memory without hugepages
 */
public record EalConfig(Hugepages hugepages, int memoryMegabytes) {
  /** Whether hugepages are used. */
  public enum Hugepages {
    /** Where enough are free; otherwise without, with a warning. */
    AUTO,
    /** Or the data plane does not start. */
    REQUIRED,
    /** Never. */
    NONE
  }
}
