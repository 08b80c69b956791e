package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.pcap.CaptureTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Two network namespaces that only a data plane connects: in each an interface {@code eth0}, whose
 * other end stays here. Takes root. Everything made is removed again, also when a step fails.
 */
final class VethLab implements AutoCloseable {
  private final Deque<List<String>> undo = new ArrayDeque<>();
  private final List<String> ends = new ArrayList<>();
  private final String id = Long.toString(ProcessHandle.current().pid() % 100_000);

  VethLab() throws Exception {
    try {
      side(1);
      side(2);
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  private void side(int host) throws Exception {
    final String namespace = namespace(host);
    final String end = end(host);
    CaptureTool.lines("ip", "netns", "add", namespace);
    undo.push(List.of("ip", "netns", "delete", namespace));
    CaptureTool.lines("ip", "link", "add", end, "type", "veth", "peer", "eth0", "netns", namespace);
    undo.push(List.of("ip", "link", "delete", end));
    ends.add(end);
    CaptureTool.lines("ethtool", "-K", end, "tx", "off", "tso", "off", "gso", "off", "gro", "off");
    Files.writeString(Path.of("/proc/sys/net/ipv6/conf", end, "disable_ipv6"), "1");
    CaptureTool.lines("ip", "link", "set", end, "up");
    in(host, "ethtool", "-K", "eth0", "tx", "off", "tso", "off", "gso", "off", "gro", "off");
    in(host, "ip", "link", "set", "lo", "up");
    in(host, "ip", "address", "add", "198.18.0." + host + "/24", "dev", "eth0");
    in(host, "ip", "address", "add", "fd00:5ad0::" + host + "/64", "dev", "eth0", "nodad");
    in(host, "ip", "link", "set", "eth0", "up");
  }

  private String namespace(int host) {
    return "sptest" + id + "-" + host;
  }

  /** The interface of the data plane on the side of a host, 1 or 2. */
  String end(int host) {
    return "spt" + id + "h" + host;
  }

  /** A command to be run in the namespace of a host; {@code ip netns exec} wants to mount. */
  List<String> command(int host, String... command) {
    final List<String> all = new ArrayList<>();
    all.addAll(List.of("nsenter", "--net=/run/netns/" + namespace(host)));
    all.addAll(List.of(command));
    return all;
  }

  List<String> in(int host, String... command) throws Exception {
    return CaptureTool.lines(command(host, command).toArray(String[]::new));
  }

  /** Frames that the kernel has dropped at any of the four interfaces. */
  long kernelDrops() throws Exception {
    long drops = 0;
    for (int host = 1; host <= 2; host++) {
      for (String line : in(host, "ip", "-s", "-s", "-o", "link", "show", "eth0")) {
        drops += dropped(line);
      }
      for (String line : CaptureTool.lines("ip", "-s", "-s", "-o", "link", "show", end(host))) {
        drops += dropped(line);
      }
    }
    return drops;
  }

  /** In what ip prints, a heading with the word dropped stands over the numbers. */
  private static long dropped(String line) {
    long sum = 0;
    final String[] parts = line.split("\\\\", -1);
    for (int i = 0; i + 1 < parts.length; i++) {
      if (parts[i].contains("RX:") && parts[i].contains("dropped")
          || parts[i].contains("TX:") && parts[i].contains("dropped")) {
        final List<String> heading = List.of(parts[i].strip().split("\\s+"));
        sum += Long.parseLong(parts[i + 1].strip().split("\\s+")[heading.indexOf("dropped") - 1]);
      }
    }
    return sum;
  }

  /** What is still there of what was made: nothing after {@link #close}. */
  List<String> leftovers() {
    final List<String> left = new ArrayList<>();
    for (int host = 1; host <= 2; host++) {
      if (Files.exists(Path.of("/run/netns", namespace(host)))) {
        left.add(namespace(host));
      }
      if (Files.exists(Path.of("/sys/class/net", end(host)))) {
        left.add(end(host));
      }
    }
    return left;
  }

  @Override
  public void close() {
    while (!undo.isEmpty()) {
      try {
        new ProcessBuilder(undo.pop()).inheritIO().start().waitFor();
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
