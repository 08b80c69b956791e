package dev.shadowplane.dataplane.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;

/** A network interface of the kernel, as sysfs shows it: asked anew each time. */
final class KernelInterface {
  private static final int IFF_UP = 1;

  private final String name;
  private final Path folder;

  private KernelInterface(String name) {
    this.name = name;
    this.folder = Path.of("/sys/class/net", name);
  }

  /** The interface that a device string names by {@code iface=}. */
  static KernelInterface of(String portName, String device) {
    final String name =
        Arrays.stream(device.split(",", -1))
            .filter(argument -> argument.startsWith("iface="))
            .map(argument -> argument.substring("iface=".length()))
            .findFirst()
            .orElseThrow(
                () -> new PortException("port " + portName + ": " + device + " lacks iface=NAME"));
    if (!name.matches("[^/ ]{1,15}") || name.startsWith(".")) {
      throw new PortException("port " + portName + ": " + name + " cannot be an interface's name");
    }
    return new KernelInterface(name);
  }

  String name() {
    return name;
  }

  /** Whether a device stands behind it, as behind no end of a veth pair. */
  boolean hasDevice() {
    return Files.exists(folder.resolve("device"));
  }

  /** Its MTU; empty when there is no such interface. */
  OptionalInt mtu() {
    return number("mtu");
  }

  /** Its index, which no other interface of the namespace has had; empty when there is none. */
  OptionalInt index() {
    return number("ifindex");
  }

  /** Whether it was set up, with or without a carrier. */
  boolean isUp() {
    final OptionalInt flags = number("flags");
    return flags.isPresent() && (flags.getAsInt() & IFF_UP) != 0;
  }

  private OptionalInt number(String file) {
    try {
      return OptionalInt.of(Integer.decode(Files.readString(folder.resolve(file)).strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalInt.empty();
    }
  }
}
