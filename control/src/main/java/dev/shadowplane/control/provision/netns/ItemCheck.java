package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.model.Names;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.provision.Item.Filter;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.PortRanges;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What may be asked of a process with privileges. Everything that becomes part of a command, a file
 * name or a rule is looked at here, whoever sends it.
 */
public final class ItemCheck {
  private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,14}");
  private static final Pattern NIC = Pattern.compile("[a-z][a-z0-9-]{0,14}");
  private static final Set<String> RESERVED_NICS = Set.of("lo", "all", "default");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Pattern HTTP_PATH = Pattern.compile("/[!-~]{0,1023}");

  private static final int MAX_PORT = 65_535;
  private static final int MAX_SEGMENTS = 64;
  private static final int MAX_FILTERS = 1_024;
  private static final int MAX_PEERS = 4_096;
  private static final int MAX_NICS = 16;
  private static final int MAX_ADDRESSES = 16;
  private static final int MAX_ROUTES = 256;
  private static final int MAX_WORDS = 256;
  private static final int MAX_COMMAND_CHARACTERS = 64 << 10;
  private static final int MAX_CONFIGURATION_CHARACTERS = 8 << 20;
  private static final double MIN_CPUS = 0.01;
  private static final double MAX_CPUS = 4_096;
  private static final long MIN_MEMORY_BYTES = 1 << 20;
  private static final long MAX_MEMORY_BYTES = 1L << 50;
  private static final int MIN_TIMEOUT_MS = 10;
  private static final int MAX_TIMEOUT_MS = 60_000;
  private static final long MULTICAST = 1L << 40;

  private ItemCheck() {}

  /**
   * Refuses a name of a network that is none.
   *
   * @throws IllegalArgumentException if it may not be; the message says why.
   */
  public static void network(final String network) {
    name("network", network);
  }

  /**
   * Refuses a key that no item can have.
   *
   * @throws IllegalArgumentException if it may not be; the message says why.
   */
  public static void key(final ItemKey key) {
    network(key.network());
    switch (key.kind()) {
      case NETWORK ->
          require(key.name().equals(key.network()), "the name of a network is %s", key.network());
      case VM -> name("VM", key.name());
      case AGENT -> name("agent", key.name());
      case SERVICE -> {
        final String[] parts = key.name().split("\\.", -1);
        require(parts.length == 2, "'%s' is no SERVICE.VM", shown(key.name()));
        name("service", parts[0]);
        name("VM", parts[1]);
      }
    }
  }

  /**
   * Refuses an item that may not be put.
   *
   * @throws IllegalArgumentException if it may not be; the message says why.
   */
  public static void item(final Item item) {
    key(item.key());
    switch (item) {
      case NetworkItem network -> network(network);
      case VmItem vm -> vm(vm);
      case ServiceItem service -> service(service);
      case AgentItem agent ->
          atMost(
              agent.configuration().length(),
              MAX_CONFIGURATION_CHARACTERS,
              "characters in the configuration");
    }
  }

  private static void network(final NetworkItem network) {
    final Set<String> names = new HashSet<>();
    atMost(network.segments().size(), MAX_SEGMENTS, "segments");
    for (final Segment segment : network.segments()) {
      name("segment", segment.name());
      require(names.add(segment.name()), "segment %s is there twice", segment.name());
      final Set<Boolean> versions = new HashSet<>();
      for (final IpPrefix prefix : segment.prefixes()) {
        require(
            versions.add(prefix.isIpv6()),
            "segment %s has two prefixes of one IP version",
            segment.name());
      }
      atMost(segment.gateways().size(), 2, "gateways of a segment");
      for (final String gateway : segment.gateways()) {
        prefixOf(segment, gateway);
      }
      filters(segment.ingress());
      filters(segment.egress());
    }
    final Attachment attachment = network.attachment();
    if (attachment != null) {
      require(
          INTERFACE.matcher(attachment.hostInterface()).matches()
              && !attachment.hostInterface().equals("lo"),
          "'%s' is no interface of a host that may be attached: at most 15 letters, digits, and"
              + " '_.-'",
          shown(attachment.hostInterface()));
      require(
          names.contains(attachment.segment()),
          "there is no segment '%s' to attach to",
          shown(attachment.segment()));
    }
  }

  /** The prefix of a segment that an address is in. */
  static IpPrefix prefixOf(final Segment segment, final String address) {
    final IpPrefix whole = address(address);
    for (final IpPrefix prefix : segment.prefixes()) {
      if (prefix.isIpv6() == whole.isIpv6()
          && new IpPrefix(whole.isIpv6(), whole.high(), whole.low(), prefix.length())
              .equals(prefix)) {
        return prefix;
      }
    }
    throw new IllegalArgumentException(
        address + " is in no prefix of segment " + segment.name() + ": " + segment.prefixes());
  }

  private static void filters(final @Nullable List<Filter> filters) {
    if (filters == null) {
      return;
    }
    atMost(filters.size(), MAX_FILTERS, "filters in one direction");
    for (final Filter filter : filters) {
      atMost(filter.peers().size(), MAX_PEERS, "prefixes in a filter");
      final boolean ported = filter.protocol() == Protocol.TCP || filter.protocol() == Protocol.UDP;
      final var ports = filter.ports();
      require(ports == null || ported, "only TCP and UDP have ports");
      require(ports == null || sound(ports), "ports are from 0 to 65535");
    }
  }

  private static boolean sound(final PortRanges ports) {
    return !ports.ranges().isEmpty()
        && ports.ranges().stream()
            .allMatch(r -> r.low() >= 0 && r.low() <= r.high() && r.high() <= MAX_PORT);
  }

  private static void vm(final VmItem vm) {
    require(
        vm.cpus() >= MIN_CPUS && vm.cpus() <= MAX_CPUS,
        "%s processors for a VM: give %s to %s",
        vm.cpus(),
        MIN_CPUS,
        MAX_CPUS);
    require(
        vm.memoryBytes() >= MIN_MEMORY_BYTES && vm.memoryBytes() <= MAX_MEMORY_BYTES,
        "%s bytes of memory for a VM: give at least 1 MiB",
        vm.memoryBytes());
    atMost(vm.nics().size(), MAX_NICS, "interfaces");
    final Set<String> names = new HashSet<>();
    for (final VmNic nic : vm.nics()) {
      require(
          NIC.matcher(nic.name()).matches() && !RESERVED_NICS.contains(nic.name()),
          "'%s' is no name for an interface of a VM: give a letter and up to 14 letters, digits"
              + " and hyphens",
          shown(nic.name()));
      require(names.add(nic.name()), "interface %s is there twice", nic.name());
      name("segment", nic.segment());
      final long mac = nic.mac().value();
      require(mac != 0 && (mac & MULTICAST) == 0, "%s is no unicast address", nic.mac());
      atMost(nic.addresses().size(), MAX_ADDRESSES, "addresses of an interface");
      for (final String address : nic.addresses()) {
        final int slash = address.indexOf('/');
        require(slash > 0, "'%s' has no prefix length", shown(address));
        address(address.substring(0, slash));
        IpPrefix.of(address);
      }
      atMost(nic.routes().size(), MAX_ROUTES, "routes of an interface");
      for (final Route route : nic.routes()) {
        require(
            route.via().isEmpty() || address(route.via()).isIpv6() == route.destination().isIpv6(),
            "%s and %s are of two IP versions",
            route.destination(),
            route.via());
      }
    }
    filters(vm.ingress());
    filters(vm.egress());
  }

  /** An address alone, as a prefix of its full length. */
  static IpPrefix address(final String text) {
    require(text.indexOf('/') < 0, "'%s' is no address", shown(text));
    return IpPrefix.of(text);
  }

  private static void service(final ServiceItem service) {
    require(
        service.port() >= 1 && service.port() <= MAX_PORT,
        "port %s: give 1 to 65535",
        service.port());
    require(!service.command().isEmpty(), "it has no command: name a program");
    atMost(service.command().size(), MAX_WORDS, "words in the command");
    atMost(characters(service.command()), MAX_COMMAND_CHARACTERS, "characters in the command");
    service.command().forEach(word -> text("command", word));
    final String program = service.command().getFirst();
    require(
        program.startsWith("/") && Path.of(program).normalize().toString().equals(program),
        "'%s' is no absolute path of a program",
        shown(program));
    atMost(service.environment().size(), MAX_WORDS, "variables");
    atMost(
        characters(service.environment().values()), MAX_COMMAND_CHARACTERS, "characters in values");
    service
        .environment()
        .forEach((name, value) -> {
          require(VARIABLE.matcher(name).matches(), "'%s' names no variable", shown(name));
          text("environment", value);
        });
    final ServiceCheck check = service.check();
    if (check != null) {
      require(
          check.timeoutMs() >= MIN_TIMEOUT_MS && check.timeoutMs() <= MAX_TIMEOUT_MS,
          "a check may take %s to %s ms",
          MIN_TIMEOUT_MS,
          MAX_TIMEOUT_MS);
      require(
          check.kind() != ServiceCheck.Kind.HTTP || HTTP_PATH.matcher(check.path()).matches(),
          "'%s' is no path of an HTTP check: begin it with /",
          shown(check.path()));
    }
  }

  private static int characters(final Collection<String> texts) {
    return texts.stream().mapToInt(String::length).sum();
  }

  private static void text(final String where, final String text) {
    require(text.indexOf('\0') < 0, "a NUL in the %s", where);
  }

  private static void name(final String what, final String name) {
    require(
        Names.valid(name),
        "'%s' is no name of a %s: give 1 to %s lower-case letters, digits and hyphens",
        shown(name),
        what,
        Names.MAX_LENGTH);
  }

  private static void atMost(final int count, final int most, final String what) {
    require(count <= most, "%s %s: at most %s", count, what, most);
  }

  private static String shown(final String text) {
    final String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= 60 ? line : line.substring(0, 60) + "...";
  }

  private static void require(final boolean met, final String problem, final Object... values) {
    if (!met) {
      String message = problem;
      for (final Object value : values) {
        message = message.replaceFirst("%s", Matcher.quoteReplacement(String.valueOf(value)));
      }
      throw new IllegalArgumentException(message);
    }
  }
}
