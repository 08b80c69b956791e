package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.provision.Item.Filter;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.PortRanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A folder for a provisioner and a network of two segments, {@code front} 10.71.1.0/24 and {@code
 * back} 10.71.2.0/24, both with IPv6 too, with VMs {@code a} and {@code b} in front and {@code c}
 * in back. Takes root. Closing it looks that nothing is left on the host.
 */
final class NetnsLab implements AutoCloseable {
  private static final List<String> CONTROLLERS = List.of("pids", "memory", "cpu", "cpuacct");

  final Path folder;
  final String network;
  final NetnsConfig config;
  private final List<NetnsDriver> drivers = new ArrayList<>();

  NetnsLab() throws IOException {
    this("t" + Long.toString(new Random().nextLong() & 0xffff_ffffL, 36));
  }

  NetnsLab(final String network) throws IOException {
    this.network = network;
    folder = Files.createTempDirectory("shadowplane-netns");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    config =
        new NetnsConfig(
            folder.resolve("data"),
            folder.resolve("socket"),
            List.of(),
            -1,
            UidRange.DEFAULT,
            List.of(),
            5_000,
            Path.of("../scripts").toRealPath());
  }

  static boolean isRoot() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }

  NetnsDriver driver() throws ProvisionException {
    final NetnsDriver driver = new NetnsDriver(config);
    drivers.add(driver);
    return driver;
  }

  Segment front() {
    return segment("front", 1, null, null);
  }

  Segment back() {
    return segment("back", 2, null, null);
  }

  static Segment segment(
      final String name,
      final int number,
      final @Nullable List<Filter> ingress,
      final @Nullable List<Filter> egress) {
    return new Segment(
        name,
        List.of(IpPrefix.of("10.71." + number + ".0/24"), IpPrefix.of("fd71:" + number + "::/64")),
        List.of("10.71." + number + ".1", "fd71:" + number + "::1"),
        ingress,
        egress);
  }

  NetworkItem network(final @Nullable Attachment attachment, final boolean feed) {
    return new NetworkItem(network, List.of(front(), back()), attachment, feed);
  }

  static Filter allow(
      final Protocol protocol, final @Nullable String ports, final String... peers) {
    final List<IpPrefix> prefixes = new ArrayList<>();
    for (final String peer : peers) {
      prefixes.add(IpPrefix.of(peer));
    }
    return new Filter(true, protocol, ports == null ? null : PortRanges.of(ports), prefixes);
  }

  VmItem vm(final String name, final String segment, final int host, final List<Filter> ingress) {
    return vm(name, segment, host, ingress, List.of(allow(Protocol.ANY, null)), false);
  }

  VmItem vm(
      final String name,
      final String segment,
      final int host,
      final List<Filter> ingress,
      final List<Filter> egress,
      final boolean observer) {
    final int number = segment.equals("front") ? 1 : 2;
    return new VmItem(
        network,
        name,
        0.5,
        64 << 20,
        List.of(
            new VmNic(
                "eth0",
                segment,
                MacAddress.of("02:71:00:00:0%d:%02x".formatted(number, host)),
                List.of(
                    "10.71." + number + "." + host + "/24", "fd71:" + number + "::" + host + "/64"),
                List.of(
                    new Route(IpPrefix.of("0.0.0.0/0"), "10.71." + number + ".1"),
                    new Route(IpPrefix.of("::/0"), "fd71:" + number + "::1")))),
        ingress,
        egress,
        observer);
  }

  ServiceItem service(final String vm, final String name, final int port, final String... command) {
    return new ServiceItem(
        network,
        vm,
        name,
        port,
        List.of(command),
        Map.of("GREETING", "hello"),
        new ServiceCheck(ServiceCheck.Kind.TCP, "", 1_000));
  }

  /** A web server that answers with the client's address. */
  ServiceItem web(final String vm, final int port) {
    return service(vm, "web", port, "/usr/bin/python3", "-c", WEB, Integer.toString(port));
  }

  private static final String WEB =
      """
      import http.server, socket, sys
      class Handler(http.server.BaseHTTPRequestHandler):
          protocol_version = 'HTTP/1.1'
          def do_GET(self):
              body = (self.client_address[0] + '\\n').encode()
              self.send_response(200)
              self.send_header('Content-Length', str(len(body)))
              self.end_headers()
              self.wfile.write(body)
          def log_message(self, *args): pass
      class Server(http.server.ThreadingHTTPServer):
          address_family = socket.AF_INET6
      Server(('::', int(sys.argv[1])), Handler).serve_forever()
      """;

  /** What became of each step: {@code done}, or the reason why not. */
  static Map<ItemKey, String> carryOut(
      final Provisioner provisioner, final String network, final List<Step> steps) {
    final Map<ItemKey, String> results = new LinkedHashMap<>();
    provisioner.carryOut(
        network,
        steps,
        new Provisioner.Listener() {
          @Override
          public void done(final Step step) {
            tell(step, "done");
          }

          @Override
          public void failed(final Step step, final String reason) {
            tell(step, reason);
          }

          private void tell(final Step step, final String what) {
            synchronized (results) {
              assertThat(results.put(step.key(), what)).as("%s is told once", step.key()).isNull();
            }
          }
        });
    return results;
  }

  Map<ItemKey, String> put(final Provisioner provisioner, final Item... items) {
    final List<Step> steps = new ArrayList<>();
    for (final Item item : items) {
      steps.add(new Step.Put(item));
    }
    return carryOut(provisioner, network, steps);
  }

  /** Puts items, each of which has to succeed. */
  void make(final Provisioner provisioner, final Item... items) {
    assertThat(put(provisioner, items).values())
        .hasSize(items.length)
        .allSatisfy(result -> assertThat(result).isEqualTo("done"));
  }

  Map<ItemKey, String> delete(final Provisioner provisioner) throws ProvisionException {
    final List<Step> steps = new ArrayList<>();
    for (final Observed observed : provisioner.observe(network)) {
      steps.add(new Step.Delete(observed.key()));
    }
    return carryOut(provisioner, network, steps);
  }

  ItemKey key(final ItemKey.Kind kind, final String name) {
    return new ItemKey(network, kind, name);
  }

  Observed observed(final Provisioner provisioner, final ItemKey key) throws ProvisionException {
    return provisioner.observe(network).stream()
        .filter(found -> found.key().equals(key))
        .findFirst()
        .orElseThrow();
  }

  /** Runs a command in a namespace of the network: the VM's, or {@code feed}, or the router's. */
  Commands.Result in(final String vm, final String... command) throws Exception {
    final String namespace = vm.isEmpty() ? Layout.router(network) : Layout.vm(network, vm);
    return new Commands().attempt("", List.of(Commands.inNamespace(namespace, command)));
  }

  static Commands.Result onHost(final String... command) throws Exception {
    return new Commands().attempt("", List.of(command));
  }

  /** What a web server says of who asks it; empty if it does not answer. */
  String get(final String vm, final String url, final String... options) throws Exception {
    final List<String> command = new ArrayList<>(List.of("curl", "-s", "-g", "-m", "2"));
    command.addAll(List.of(options));
    command.add(url);
    return in(vm, command.toArray(String[]::new)).output().strip();
  }

  /** Everything of the network that the host has: empty after a delete. */
  List<String> leftovers() throws ProvisionException {
    final List<String> left = new ArrayList<>();
    for (final Path file : Folders.list(Layout.NAMESPACES)) {
      if (file.getFileName().toString().startsWith(Layout.router(network))) {
        left.add(file.toString());
      }
    }
    for (final String controller : CONTROLLERS) {
      final Path group = Path.of("/sys/fs/cgroup", controller, Cgroups.ROOT, network);
      if (Files.exists(group)) {
        left.add(group.toString());
      }
    }
    final Path data = folder.resolve("data").resolve(network);
    if (Files.exists(data)) {
      left.add(data.toString());
    }
    final String marker = folder.toString();
    ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(process -> commandLine(process.pid()).contains(marker))
        .forEach(
            process -> left.add("process " + process.pid() + " " + commandLine(process.pid())));
    return left;
  }

  private static String commandLine(final long pid) {
    final String text = CgroupMounts.read(Path.of("/proc/" + pid + "/cmdline"));
    return text == null ? "" : text.replace('\0', ' ');
  }

  @Override
  public void close() throws ProvisionException {
    try {
      final NetnsDriver last = driver();
      delete(last);
      final List<String> left = leftovers();
      assertThat(left).as("left behind").isEmpty();
    } finally {
      drivers.forEach(NetnsDriver::close);
      Folders.delete(folder);
    }
  }

  /** Waits until something is so. */
  static void until(final Condition condition) throws Exception {
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (!isMet(condition)) {
      assertThat(System.nanoTime() - end).as("still not so after 15 s").isNegative();
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }
  }

  private static boolean isMet(final Condition condition) throws Exception {
    try {
      return condition.met();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Something to wait for. */
  interface Condition {
    boolean met() throws Exception;
  }
}
