package dev.shadowplane.dataplane.port;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dpdk.EthPort;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A PCI device as the kernel shows it: whether DPDK can have it. EAL passes over a device that it
 * cannot have, so the reason is looked for before.
 */
public final class PciFunction {
  /** Drivers that DPDK works beside: these devices stay with the kernel. */
  private static final Set<String> SHARED = Set.of("mlx4_core", "mlx5_core", "mana");

  /** Drivers that hand a device over without an IOMMU. */
  private static final Set<String> UIO = Set.of("uio_pci_generic", "igb_uio");

  private final Path root;
  private final String portName;
  private final String address;
  private final Path folder;

  PciFunction(Path root, PortConfig port) {
    this.root = root;
    this.portName = port.name();
    this.address = DataPlaneConfigReader.resource(port.device());
    this.folder = root.resolve("sys/bus/pci/devices").resolve(address);
  }

  static PciFunction of(PortConfig port) {
    return new PciFunction(Path.of("/"), port);
  }

  /**
   * Checks every port that is a PCI device.
   *
   * @param config whose ports
   * @throws PortException when DPDK cannot have one: the reason and the remedy
   */
  public static void check(DataPlaneConfig config) {
    boolean handedOver = false;
    for (PortConfig port : config.ports()) {
      if (EthPort.isPci(port.device())) {
        handedOver |= of(port).check();
      }
    }
    if (handedOver) {
      LockedMemory.check(Path.of("/"), config.mbufs(), config.mbufDataBytes());
    }
  }

  /** Whether VFIO hands it over, which takes memory that may be locked. */
  boolean check() {
    if (!Files.isDirectory(folder)) {
      throw refuse("there is no PCI device " + address + ": dpdk-devbind.py --status lists all");
    }
    final String driver = linked("driver").orElse("");
    if (SHARED.contains(driver) || UIO.contains(driver)) {
      return false;
    }
    final String group =
        linked("iommu_group")
            .orElseThrow(() ->
                refuse(
                    address
                        + " is behind no IOMMU, which vfio-pci needs: enable VT-d or AMD-Vi in"
                        + " the firmware and boot with intel_iommu=on on an Intel CPU"));
    if (!driver.contains("vfio")) {
      throw refuse(
          address
              + " is bound to "
              + (driver.isEmpty() ? "no driver" : "the kernel's driver " + driver)
              + ": run dpdk-devbind.py --bind vfio-pci "
              + address);
    }
    final Path access = root.resolve("dev/vfio").resolve(group);
    if (Files.exists(access) && !(Files.isReadable(access) && Files.isWritable(access))) {
      throw refuse(
          access
              + ", by which "
              + address
              + " is used, is not open to user "
              + System.getProperty("user.name")
              + ": run chgrp vfio "
              + access
              + " && chmod 660 "
              + access
              + ", and start with that group");
    }
    return true;
  }

  private PortException refuse(String problem) {
    return new PortException("port " + portName + ": " + problem);
  }

  /** Its address, however the configuration spells it. */
  String address() {
    return address;
  }

  /** The kernel's name of its physical function; none for a function that is no virtual one. */
  Optional<String> parentInterface() {
    try (DirectoryStream<Path> names = Files.newDirectoryStream(folder.resolve("physfn/net"))) {
      for (Path name : names) {
        return Optional.of(String.valueOf(name.getFileName()));
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** Whether it is a virtual function whose physical one is down (operstate of sysfs-class-net). */
  boolean isParentDown() {
    return parentInterface()
        .map(parent -> {
          try {
            return Files.readString(
                    folder.resolve("physfn/net").resolve(parent).resolve("operstate"))
                .startsWith("down");
          } catch (IOException e) {
            return false;
          }
        })
        .orElse(false);
  }

  /** Its number among the virtual functions of its physical one; -1 when it is none. */
  int virtualNumber() {
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(folder.resolve("physfn"), "virtfn*")) {
      for (Path one : all) {
        if (one.toRealPath().endsWith(address)) {
          return Integer.parseInt(String.valueOf(one.getFileName()).substring("virtfn".length()));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
    return -1;
  }

  /**
   * The NUMA node that a PCI device is on.
   *
   * @param port of the device
   * @return 0 also where the kernel knows of none
   */
  public static int numaNode(PortConfig port) {
    try {
      return Math.max(
          0, Integer.parseInt(Files.readString(of(port).folder.resolve("numa_node")).strip()));
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  private Optional<String> linked(String name) {
    try {
      return Optional.of(
          String.valueOf(Files.readSymbolicLink(folder.resolve(name)).getFileName()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
