package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.shadowplane.dpdk.abi23.Dpdk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A device of the virtual bus, by the driver's name and arguments. EAL runs; one thread. */
final class VirtualDevice {
  private static final int ENODEV = 19;

  private final String driver;
  private final String arguments;
  private final String name;

  /**
   * Nothing is attached yet.
   *
   * @param port the port's name
   * @param device as in {@code net_af_packet,iface=eth1}
   */
  VirtualDevice(String port, String device) {
    final int comma = device.indexOf(',');
    driver = comma < 0 ? device : device.substring(0, comma);
    arguments = comma < 0 ? "" : device.substring(comma + 1);
    name = driver + "_" + port;
    if (name.length() >= Dpdk.RTE_ETH_NAME_MAX_LEN()) {
      throw new DpdkException(
          "device name "
              + name
              + " is longer than "
              + (Dpdk.RTE_ETH_NAME_MAX_LEN() - 1)
              + " characters: give port "
              + port
              + " a shorter name");
    }
  }

  /** What DPDK knows it by. */
  String name() {
    return name;
  }

  /** Attaches it and returns its port's number. */
  int attach() {
    try (EalLog log = new EalLog();
        Arena arena = Arena.ofConfined()) {
      final int result =
          Dpdk.rte_eal_hotplug_add(
              arena.allocateFrom("vdev"), arena.allocateFrom(name), arena.allocateFrom(arguments));
      if (result != 0) {
        throw new DpdkException(
            "rte_eal_hotplug_add(vdev, " + name + ", \"" + arguments + "\")",
            Math.abs(result),
            log.quoted() + remedy());
      }
    }
    final int id = find(name);
    if (id < 0) {
      throw new DpdkException("rte_eth_dev_get_port_by_name(" + name + ")", ENODEV, remedy());
    }
    return id;
  }

  /** Stops whatever it does and gives back what it holds. */
  void detach() {
    try (Arena arena = Arena.ofConfined()) {
      final int result =
          Dpdk.rte_eal_hotplug_remove(arena.allocateFrom("vdev"), arena.allocateFrom(name));
      if (result != 0) {
        throw new DpdkException(
            "rte_eal_hotplug_remove(vdev, " + name + ")",
            Math.abs(result),
            "close the port and open it again");
      }
    }
  }

  /** The number of the port with this name; negative when there is none. */
  static int find(String deviceName) {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment id = arena.allocate(JAVA_SHORT);
      return Dpdk.rte_eth_dev_get_port_by_name(arena.allocateFrom(deviceName), id) == 0
          ? id.get(JAVA_SHORT, 0) & 0xffff
          : -1;
    }
  }

  private String remedy() {
    return switch (driver) {
      case "net_af_packet" ->
          "check that the interface named by iface= exists and is up, and that the process has CAP_NET_RAW";
      case "net_pcap" ->
          "check that the files named by rx_pcap= and tx_pcap= can be read and written";
      default -> "check the device's name and arguments, and that its driver is installed";
    };
  }
}
