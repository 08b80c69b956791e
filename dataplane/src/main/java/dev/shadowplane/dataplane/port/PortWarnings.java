package dev.shadowplane.dataplane.port;

import dev.shadowplane.dpdk.EthPort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What keeps a port from seeing or sending all frames without any error: virtual functions that
 * their physical one holds back, and kernel interfaces that merge frames. Asks the programs {@code
 * ip} and {@code ethtool}, at start; where they are missing, nothing is said.
 */
public final class PortWarnings {
  private static final int PATIENCE_SECONDS = 10;
  private static final Pattern MERGES =
      Pattern.compile("(?m)^(?:generic|large)-receive-offload: on");

  private PortWarnings() {}

  /**
   * Looks at every open port.
   *
   * @param ports all
   * @return one line for each warning, naming port and remedy
   */
  public static List<String> of(PortSet ports) {
    final List<String> warnings = new ArrayList<>();
    for (Port port : ports.all()) {
      final String name = "warning: port " + port.config().name() + ": ";
      final String device = port.config().device();
      if (EthPort.isPci(device)) {
        final PciFunction function = PciFunction.of(port.config());
        final Optional<String> parent = function.parentInterface();
        final String link =
            parent.map(pf -> output("ip", "-details", "link", "show", "dev", pf)).orElse("");
        ofFunction(
                function.address(),
                parent.orElse("PF"),
                function.virtualNumber(),
                link,
                ports.forwards(port),
                port.promiscuous())
            .forEach(line -> warnings.add(name + line));
      } else if (device.startsWith(AfPacket.DRIVER)) {
        final KernelInterface kernel = KernelInterface.of(port.config().name(), device);
        // One without a device behind it, such as a veth end, merges nothing that comes from a
        // wire.
        if (kernel.hasDevice() && MERGES.matcher(output("ethtool", "-k", kernel.name())).find()) {
          warnings.add(
              name
                  + kernel.name()
                  + " merges the frames it receives, and what is longer than its MTU is lost:"
                  + " ethtool -K "
                  + kernel.name()
                  + " gro off lro off");
        }
      } else if (ports.forwards(port) && !port.promiscuous()) {
        warnings.add(name + "refuses promiscuous mode and receives its own address only");
      }
    }
    return warnings;
  }

  /**
   * What is to be said of a PCI function.
   *
   * @param address its PCI address
   * @param parent the kernel's name of its physical function
   * @param number its number there, negative when that is unknown
   * @param link what {@code ip -details link show} says of the physical function, or empty
   * @param forwards whether it carries production
   * @param promiscuous whether its driver says that it receives everything
   */
  static List<String> ofFunction(
      String address,
      String parent,
      int number,
      String link,
      boolean forwards,
      boolean promiscuous) {
    final String vf = parent + " vf " + (number < 0 ? "N" : number);
    final boolean trusted = !said(link, number, "trust off");
    final List<String> warnings = new ArrayList<>();
    if (!trusted && forwards) {
      warnings.add(
          address
              + " is not trusted, so promiscuous mode is refused and it receives its own address"
              + " only: ip link set "
              + vf
              + " trust on spoofchk off");
    } else if (!promiscuous && forwards) {
      warnings.add(
          address
              + " refuses promiscuous mode and receives its own address only: ip link set "
              + vf
              + " trust on spoofchk off; a device that refuses all the same, as the 82576 does,"
              + " takes the address of the machine behind it: ip link set "
              + vf
              + " mac ADDRESS");
    }
    if (said(link, number, "spoof checking on") && (trusted || !forwards)) {
      warnings.add(
          address
              + " has its source addresses checked, so what it sends for others is dropped: ip link"
              + " set "
              + vf
              + " trust on spoofchk off");
    }
    return warnings;
  }

  private static boolean said(String link, int number, String what) {
    final Matcher line = Pattern.compile("(?m)^ *vf " + number + " .*$").matcher(link);
    return line.find() && line.group().toLowerCase(Locale.ROOT).contains(what);
  }

  /** What a program prints; empty when it is missing, fails or takes too long. */
  private static String output(String... command) {
    try {
      final Path file = Files.createTempFile("shadowplane", ".out");
      try {
        final Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(file.toFile())
                .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return "";
        }
        return process.exitValue() == 0 ? Files.readString(file, StandardCharsets.UTF_8) : "";
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
