package dev.shadowplane.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.PortConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A PCI device over a tree as the kernel shows it; scripts/sriov-test.sh looks at the kernel's own.
 */
final class PciFunctionTest {
  private static final String ADDRESS = "0000:01:10.2";

  @TempDir private Path root;
  private Path folder;

  @BeforeEach
  void function() throws IOException {
    final Path devices = Files.createDirectories(root.resolve("sys/bus/pci/devices"));
    folder = Files.createDirectories(devices.resolve(ADDRESS));
    final Path parent = Files.createDirectories(devices.resolve("0000:01:00.0"));
    Files.createSymbolicLink(folder.resolve("physfn"), parent);
    Files.createDirectories(devices.resolve("0000:01:10.0"));
    Files.createSymbolicLink(parent.resolve("virtfn0"), devices.resolve("0000:01:10.0"));
    Files.createSymbolicLink(parent.resolve("virtfn1"), folder);
    Files.createDirectories(parent.resolve("net/enp1s0"));
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(folder.resolve(name), Path.of("..", target));
  }

  private PciFunction spelt(String device) {
    return new PciFunction(root, new PortConfig("vm", device, 0, 32, 32));
  }

  private void assertRefused(String device, String message) {
    assertThatThrownBy(() -> spelt(device).check())
        .isInstanceOf(PortException.class)
        .hasMessage("port vm: " + message);
  }

  @Test
  void oneThatIsNotThere() {
    assertRefused(
        "03:10.0", "there is no PCI device 0000:03:10.0: dpdk-devbind.py --status lists all");
  }

  @Test
  void oneBehindNoIommu() throws IOException {
    link("driver", "vfio-pci");
    assertRefused(
        ADDRESS,
        "0000:01:10.2 is behind no IOMMU, which vfio-pci needs: enable VT-d or AMD-Vi in the"
            + " firmware and boot with intel_iommu=on on an Intel CPU");
  }

  @Test
  void oneThatTheKernelHas() throws IOException {
    link("iommu_group", "7");
    assertRefused(
        ADDRESS,
        "0000:01:10.2 is bound to no driver: run dpdk-devbind.py --bind vfio-pci " + ADDRESS);
    link("driver", "igbvf");
    assertRefused(
        "01:10.2",
        "0000:01:10.2 is bound to the kernel's driver igbvf: run dpdk-devbind.py --bind vfio-pci "
            + ADDRESS);
  }

  @Test
  void oneThatVfioHandsOver() throws IOException {
    link("iommu_group", "7");
    link("driver", "vfio-pci");
    assertThat(spelt(ADDRESS).check()).isTrue();
    Files.createDirectories(root.resolve("dev/vfio"));
    Files.createFile(root.resolve("dev/vfio/7"));
    assertThat(spelt("01:10.2").check()).isTrue();
  }

  @Test
  void oneThatIsSharedWithTheKernelNeedsNoVfio() throws IOException {
    link("driver", "mlx5_core");
    assertThat(spelt(ADDRESS).check()).isFalse();
  }

  @Test
  void itsPlaceUnderThePhysicalFunction() throws IOException {
    assertThat(spelt(ADDRESS).parentInterface()).contains("enp1s0");
    assertThat(spelt(ADDRESS).virtualNumber()).isEqualTo(1);
    assertThat(spelt("01:10.0").parentInterface()).isEmpty();
    assertThat(spelt("01:10.0").virtualNumber()).isEqualTo(-1);
    final Path state = folder.resolve("physfn/net/enp1s0/operstate");
    assertThat(spelt(ADDRESS).isParentDown()).isFalse();
    Files.writeString(state, "down\n");
    assertThat(spelt(ADDRESS).isParentDown()).isTrue();
    Files.writeString(state, "up\n");
    assertThat(spelt(ADDRESS).isParentDown()).isFalse();
  }
}
