package dev.shadowplane.control.template;

import dev.shadowplane.control.model.Host;
import dev.shadowplane.control.model.Link;
import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.NetworkAcl;
import dev.shadowplane.control.model.Nic;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.SecurityGroup;
import dev.shadowplane.control.model.Subnet;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.model.VmType;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Makes a network of a part of a template, with what is left out filled in. */
final class NetworkDecoder {
  /** Stands for a prefix that could not be read. */
  static final IpPrefix UNREAD = new IpPrefix(true, 0, 0, 128);

  /** The type and the security group of those that name none. */
  private static final String DEFAULT = "default";

  private static final VmType DEFAULT_TYPE = new VmType(DEFAULT, 1, 256L << 20, 0, 0);

  private final Part part;
  private final String name;
  private boolean defaultType;
  private boolean defaultGroup;

  private NetworkDecoder(final Part part) {
    this.part = part;
    this.name = part.text("name", "");
  }

  static Network network(final Part part) {
    return new NetworkDecoder(part).network();
  }

  private Network network() {
    final List<Vm> vms = part.parts("vms").stream().map(this::vm).toList();
    final List<VmType> types =
        new ArrayList<>(part.parts("vm-types").stream().map(NetworkDecoder::type).toList());
    if (defaultType && types.stream().noneMatch(type -> type.name().equals(DEFAULT))) {
      types.add(DEFAULT_TYPE);
    }
    final List<SecurityGroup> groups =
        new ArrayList<>(part.parts("security-groups").stream().map(FilterDecoder::group).toList());
    if (defaultGroup && groups.stream().noneMatch(group -> group.name().equals(DEFAULT))) {
      groups.add(FilterDecoder.membersIn(DEFAULT));
    }
    final List<NetworkAcl> acls =
        part.parts("network-acls").stream().map(FilterDecoder::acl).toList();
    return new Network(
        name,
        part.parts("hosts").stream().map(NetworkDecoder::host).toList(),
        types,
        part.parts("subnets").stream().map(NetworkDecoder::subnet).toList(),
        groups,
        acls,
        vms,
        part.parts("services").stream().map(ServiceDecoder::service).toList(),
        part.parts("links").stream().map(NetworkDecoder::link).toList());
  }

  private static Host host(final Part host) {
    return new Host(
        host.text("name", ""),
        host.text("zone", ""),
        host.number("cpus", 0),
        host.parsed("memory", Quantity::bytes).orElse(0L));
  }

  private static VmType type(final Part type) {
    return new VmType(
        type.text("name", ""),
        type.number("cpus", 1),
        type.parsed("memory", Quantity::bytes).orElse(1L << 20),
        type.parsed("bandwidth", Quantity::bitsPerSecond).orElse(0L),
        type.number("price-per-hour", 0));
  }

  private static Subnet subnet(final Part subnet) {
    final List<IpPrefix> prefixes = subnet.parsedList("prefixes", UNREAD, IpMath::prefix);
    final List<String> gateways =
        subnet.has("gateways")
            ? subnet.parsedList("gateways", "", NetworkDecoder::address)
            : prefixes.stream()
                .filter(prefix -> prefix.length() < IpMath.bits(prefix) - 1)
                .map(prefix -> IpMath.text(IpMath.second(prefix)))
                .toList();
    return new Subnet(
        subnet.text("name", ""),
        prefixes,
        gateways,
        subnet.text("zone", ""),
        subnet.text("network-acl", ""),
        subnet.parts("routes").stream().map(NetworkDecoder::route).toList());
  }

  private static Route route(final Part route) {
    return new Route(
        route.parsed("to", IpMath::prefix).orElse(UNREAD),
        route.parsed("via", NetworkDecoder::address).orElse(""));
  }

  private Vm vm(final Part vm) {
    final String vmName = vm.text("name", "");
    final List<Nic> nics = new ArrayList<>();
    for (final Part nic : vm.parts("nics")) {
      nics.add(nic(vmName, nics.size(), nic));
    }
    defaultType |= !vm.has("type");
    return new Vm(
        vmName, vm.text("type", DEFAULT), vm.text("host", ""), vm.flag("outside", false), nics);
  }

  private Nic nic(final String vm, final int index, final Part nic) {
    final String nicName = nic.text("name", "eth" + index);
    defaultGroup |= !nic.has("security-groups");
    return new Nic(
        nicName,
        nic.text("subnet", ""),
        nic.parsed("mac", MacAddress::of).orElseGet(() -> derived(name, vm, nicName)),
        nic.parsedList("addresses", "", NetworkDecoder::address),
        nic.has("security-groups") ? nic.texts("security-groups") : List.of(DEFAULT));
  }

  private static Link link(final Part link) {
    return new Link(
        link.text("name", ""),
        link.text("from", ""),
        link.text("to", ""),
        link.parsed("bandwidth", Quantity::bitsPerSecond).orElse(0L));
  }

  private static String address(final String text) {
    return IpMath.text(IpMath.address(text));
  }

  /** A locally administered unicast address, the same for the same names. */
  private static MacAddress derived(final String network, final String vm, final String nic) {
    try {
      final byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((network + "/" + vm + "/" + nic).getBytes(StandardCharsets.UTF_8));
      return new MacAddress(0x02L << 40 | ByteBuffer.wrap(hash).getLong() >>> 24);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
