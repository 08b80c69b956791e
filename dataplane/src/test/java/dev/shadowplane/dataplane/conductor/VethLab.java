package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.pcap.CaptureTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Two network namespaces that only a data plane connects: in each an interface {@code eth0}, whose
 * other end stays here. Takes root. Everything made is removed again, also when a step fails.
 */
final class VethLab implements AutoCloseable {
  private static final Pattern DROPPED = Pattern.compile("\"dropped\":([0-9]+)");

  private final Deque<List<String>> undo = new ArrayDeque<>();
  private final List<String> ends = new ArrayList<>();
  private final String mtu;
  private final String id = Long.toString(ProcessHandle.current().pid() % 100_000);

  VethLab() throws Exception {
    this(1_500);
  }

  VethLab(int mtu) throws Exception {
    this.mtu = Integer.toString(mtu);
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
    CaptureTool.lines("ip", "netns", "add", namespace);
    undo.push(List.of("ip", "netns", "delete", namespace));
    undo.push(List.of("ip", "link", "delete", end(host)));
    ends.add(end(host));
    link(host);
  }

  /** Makes the interfaces of a host; also once more after {@code ip link delete}. */
  void link(int host) throws Exception {
    final String namespace = namespace(host);
    final String end = end(host);
    CaptureTool.lines(
        "ip", "link", "add", end, "mtu", mtu, "type", "veth", "peer", "eth0", "mtu", mtu, "netns",
        namespace);
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
      drops += dropped(in(host, "ip", "-s", "-j", "link", "show", "eth0"));
      drops += dropped(CaptureTool.lines("ip", "-s", "-j", "link", "show", end(host)));
    }
    return drops;
  }

  private static long dropped(List<String> json) {
    final List<Long> both =
        DROPPED
            .matcher(String.join("", json))
            .results()
            .map(m -> Long.parseLong(m.group(1)))
            .toList();
    // One of receiving, one of sending.
    assertThat(both).as(json.toString()).hasSize(2);
    return both.get(0) + both.get(1);
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
