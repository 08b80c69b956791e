package dev.shadowplane.control.template;

import dev.shadowplane.control.model.AclEntry;
import dev.shadowplane.control.model.Host;
import dev.shadowplane.control.model.Link;
import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.NetworkAcl;
import dev.shadowplane.control.model.Nic;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.SecurityGroup;
import dev.shadowplane.control.model.SecurityRule;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.model.Subnet;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.model.VmType;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.Fidelity;
import dev.shadowplane.control.template.ShadowSpec.PairShare;
import dev.shadowplane.control.template.ShadowSpec.Replication;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import dev.shadowplane.control.template.ShadowSpec.Thresholds;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Templates without problems, of every shape. */
final class RandomTemplate {
  private static final String[] TEXTS = {
    "",
    "plain",
    "10",
    "true",
    "null",
    "~",
    "a: b",
    "# no comment",
    "- x",
    "'quoted\"",
    "é ü 漢",
    "*alias",
    "&anchor",
    "{",
    "1e3",
    "  spaces  ",
    "%d",
    "!tag",
    "|"
  };

  private final Random random;

  RandomTemplate(final Random random) {
    this.random = random;
  }

  Template template() {
    final List<Host> hosts =
        list(
            3,
            i ->
                new Host("host-" + i, text(), random.nextInt(64) / 2.0, random.nextLong(1L << 50)));
    final List<VmType> types =
        some(
            3,
            i ->
                new VmType(
                    "type-" + i,
                    0.01 + random.nextDouble(),
                    (1L << 20) + random.nextLong(1L << 40),
                    random.nextLong(1L << 40),
                    random.nextInt(1_000) / 1_000.0));
    final List<NetworkAcl> acls =
        list(3, i -> new NetworkAcl("acl-" + i, list(4, this::entry), list(4, this::entry)));
    final List<SecurityGroup> groups = groups();
    final List<Subnet> subnets = some(4, i -> subnet(i, acls));
    final List<Vm> vms = some(12, i -> vm(i, hosts, types, groups, subnets));
    final List<Service> services = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      services.add(service(services, vms));
    }
    final List<Link> links =
        hosts.size() < 2
            ? List.of()
            : list(3, i -> new Link("link-" + i, "host-0", "host-1", random.nextLong(1L << 40)));
    final boolean attached = random.nextBoolean();
    return new Template(
        new Network("net", hosts, types, subnets, groups, acls, vms, services, links),
        of("none", "none", "external"),
        attached ? "up_Link-1" : "",
        attached ? "veth.0" : "",
        attached ? subnets.getFirst().name() : "",
        random.nextInt(4) == 0 ? null : shadow(subnets, vms, services));
  }

  private AclEntry entry(final int i) {
    final Protocol protocol = of(Protocol.values());
    return new AclEntry(10 * i + 1, random.nextBoolean(), protocol, ports(protocol), prefix());
  }

  private List<SecurityGroup> groups() {
    return some(4, i -> new SecurityGroup("group-" + i, list(3, this::rule), list(3, this::rule)));
  }

  private SecurityRule rule(final int ignored) {
    final Protocol protocol = of(Protocol.values());
    return new SecurityRule(
        protocol,
        ports(protocol),
        list(3, _ -> prefix()),
        random.nextBoolean() ? List.of() : List.of("group-0"));
  }

  private @Nullable PortRanges ports(final Protocol protocol) {
    if (random.nextBoolean() || protocol == Protocol.ANY || protocol == Protocol.ICMP) {
      return null;
    }
    return new PortRanges(
        some(
            3,
            _ -> {
              final int low = random.nextInt(65_536);
              return new PortRanges.Range(low, low + random.nextInt(65_536 - low));
            }));
  }

  private IpPrefix prefix() {
    return random.nextBoolean()
        ? new IpPrefix(false, 0, random.nextInt() & 0xffff_ffffL, random.nextInt(33))
        : new IpPrefix(true, random.nextLong(), random.nextLong(), random.nextInt(129));
  }

  private Subnet subnet(final int i, final List<NetworkAcl> acls) {
    final String ipv4 = "10.%d.0.".formatted(i);
    final String ipv6 = "fd00:%x::".formatted(i + 1);
    final int version = random.nextInt(3);
    final List<IpPrefix> prefixes = new ArrayList<>();
    final List<String> gateways = new ArrayList<>();
    final List<Route> routes = new ArrayList<>();
    if (version != 1) {
      prefixes.add(IpPrefix.of(ipv4 + "0/24"));
      gateways.add(ipv4 + "254");
      routes.add(new Route(IpPrefix.of("192.0.2.0/24"), ipv4 + "9"));
    }
    if (version != 0) {
      prefixes.add(IpPrefix.of(ipv6 + "/64"));
      gateways.add(ipv6 + "fe");
      routes.add(new Route(IpPrefix.of("2001:db8::/32"), ""));
    }
    return new Subnet(
        "subnet-" + i,
        prefixes,
        random.nextBoolean() ? gateways : List.of(),
        text(),
        acls.isEmpty() || random.nextBoolean() ? "" : acls.getFirst().name(),
        random.nextBoolean() ? routes : List.of());
  }

  private Vm vm(
      final int i,
      final List<Host> hosts,
      final List<VmType> types,
      final List<SecurityGroup> groups,
      final List<Subnet> subnets) {
    final List<String> names =
        groups.stream().map(SecurityGroup::name).filter(_ -> random.nextBoolean()).toList();
    final List<Nic> nics =
        some(
            subnets.size(),
            j -> {
              final Subnet subnet = subnets.get(j);
              return new Nic(
                  "Eth_" + j,
                  subnet.name(),
                  new MacAddress(0x020000000000L + i * 16L + j),
                  random.nextInt(9) == 0
                      ? List.of()
                      : subnet.prefixes().stream()
                          .map(prefix ->
                              prefix.isIpv6()
                                  ? "fd00:%x::%d".formatted(j + 1, 100 + i)
                                  : "10.%d.0.%d".formatted(j, 100 + i))
                          .toList(),
                  names);
            });
    return new Vm(
        "vm-" + i,
        types.getLast().name(),
        hosts.isEmpty() ? "" : hosts.getLast().name(),
        false,
        nics);
  }

  private Service service(final List<Service> before, final List<Vm> vms) {
    final boolean udp = random.nextInt(3) == 0;
    final @Nullable ServiceCheck check =
        random.nextBoolean()
            ? null
            : udp
                ? new ServiceCheck(ServiceCheck.Kind.PROCESS, "", 10 + random.nextInt(59_991))
                : new ServiceCheck(ServiceCheck.Kind.HTTP, "/health?a=b", 1_000);
    final Map<String, String> environment = new TreeMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      environment.put("_V" + i, text());
    }
    return new Service(
        "service-" + before.size(),
        vms.stream().map(Vm::name).limit(1 + random.nextInt(vms.size())).toList(),
        udp ? Protocol.UDP : Protocol.TCP,
        1_000 + before.size(),
        List.of("/bin/x", text(), "multi\nline\t"),
        environment,
        check,
        udp ? "" : "/metrics",
        of(Service.Criticality.values()),
        before.stream().map(Service::name).filter(_ -> random.nextBoolean()).toList(),
        text());
  }

  private ShadowSpec shadow(
      final List<Subnet> subnets, final List<Vm> vms, final List<Service> services) {
    final Map<String, ServiceFeed> feeds = new TreeMap<>();
    final boolean configuration = random.nextInt(4) == 0;
    for (final Service service : services) {
      if (random.nextBoolean()) {
        final boolean fed =
            !configuration
                && vms.getFirst().nics().stream().anyMatch(nic -> !nic.addresses().isEmpty());
        final boolean observer = fed && random.nextInt(4) == 0;
        final Replication replication =
            random.nextBoolean()
                ? new Replication(
                    of(Replication.Mode.values()), "/a b", "", 1_000 + random.nextInt(99))
                : new Replication(
                    of(Replication.Mode.values()),
                    random.nextBoolean() ? "/x" : "",
                    "/y",
                    3_600_000);
        feeds.put(
            service.name(),
            new ServiceFeed(
                !fed
                    ? Feed.NONE
                    : observer || service.protocol() == Protocol.UDP ? Feed.PACKETS : Feed.SESSIONS,
                observer,
                random.nextBoolean() ? List.of() : List.of("/bin/y", text()),
                configuration || random.nextBoolean() ? null : replication));
      }
    }
    final List<PairShare> pairs =
        vms.size() > 1
                && feeds.entrySet().stream()
                    .filter(feed -> feed.getValue().feed() != Feed.NONE)
                    .anyMatch(feed -> offers(services, feed.getKey()))
                && vms.get(1).nics().stream().anyMatch(nic -> !nic.addresses().isEmpty())
            ? List.of(new PairShare("vm-0", "vm-1", percent()))
            : List.of();
    return new ShadowSpec(
        "dark",
        of("netns", "external"),
        "mirror",
        "mirror0",
        subnets.getLast().name(),
        configuration ? Fidelity.CONFIGURATION : of(Fidelity.SERVICES, Fidelity.FULL),
        4 * (1 - random.nextDouble()),
        1,
        percent(),
        pairs,
        "",
        new Thresholds(percent(), percent(), percent()),
        feeds);
  }

  private static boolean offers(final List<Service> services, final String name) {
    return services.stream()
        .anyMatch(service -> service.name().equals(name) && service.vms().contains("vm-0"));
  }

  private double percent() {
    return random.nextBoolean() ? 1 + random.nextInt(100) : 100 * (1 - random.nextDouble());
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  @SafeVarargs
  private <T> T of(final T... values) {
    return values[random.nextInt(values.length)];
  }

  private <T> List<T> list(final int most, final IntFunction<T> make) {
    return IntStream.range(0, random.nextInt(most + 1)).mapToObj(make).toList();
  }

  private <T> List<T> some(final int most, final IntFunction<T> make) {
    return IntStream.range(0, 1 + random.nextInt(most)).mapToObj(make).toList();
  }
}
