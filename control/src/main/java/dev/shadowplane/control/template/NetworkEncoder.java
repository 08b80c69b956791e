package dev.shadowplane.control.template;

import static dev.shadowplane.control.template.TemplateWriter.number;
import static dev.shadowplane.control.template.TemplateWriter.put;

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
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes a part of a template of a network: what {@link NetworkDecoder} reads. */
final class NetworkEncoder {
  private NetworkEncoder() {}

  static Map<String, Object> network(final Template template) {
    final Network network = template.network();
    final Map<String, Object> map = named(network.name());
    map.put("provisioner", template.provisioner());
    put(
        map,
        "attach",
        TemplateWriter.attach(template.port(), template.hostInterface(), template.hostSubnet()));
    list(map, "hosts", network.hosts(), NetworkEncoder::host);
    list(map, "vm-types", network.vmTypes(), NetworkEncoder::type);
    list(map, "subnets", network.subnets(), NetworkEncoder::subnet);
    list(map, "security-groups", network.securityGroups(), NetworkEncoder::group);
    list(map, "network-acls", network.networkAcls(), NetworkEncoder::acl);
    list(map, "vms", network.vms(), NetworkEncoder::vm);
    list(map, "services", network.services(), NetworkEncoder::service);
    list(map, "links", network.links(), NetworkEncoder::link);
    return map;
  }

  private static Map<String, Object> host(final Host host) {
    final Map<String, Object> map = named(host.name());
    put(map, "zone", host.zone());
    map.put("cpus", number(host.cpus()));
    map.put("memory", Quantity.bytesText(host.memoryBytes()));
    return map;
  }

  private static Map<String, Object> type(final VmType type) {
    final Map<String, Object> map = named(type.name());
    map.put("cpus", number(type.cpus()));
    map.put("memory", Quantity.bytesText(type.memoryBytes()));
    map.put("bandwidth", Quantity.bitsText(type.bitsPerSecond()));
    map.put("price-per-hour", number(type.pricePerHour()));
    return map;
  }

  private static Map<String, Object> subnet(final Subnet subnet) {
    final Map<String, Object> map = named(subnet.name());
    map.put("prefixes", subnet.prefixes().stream().map(IpMath::text).toList());
    map.put("gateways", subnet.gateways());
    put(map, "zone", subnet.zone());
    put(map, "network-acl", subnet.networkAcl());
    list(map, "routes", subnet.routes(), NetworkEncoder::route);
    return map;
  }

  private static Map<String, Object> route(final Route route) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("to", IpMath.text(route.destination()));
    put(map, "via", route.via());
    return map;
  }

  private static Map<String, Object> group(final SecurityGroup group) {
    final Map<String, Object> map = named(group.name());
    list(map, "ingress", group.ingress(), rule -> rule(rule, "from"));
    list(map, "egress", group.egress(), rule -> rule(rule, "to"));
    return map;
  }

  private static Map<String, Object> rule(final SecurityRule rule, final String peers) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("protocol", Words.of(rule.protocol()));
    put(map, "ports", text(rule.ports()));
    final List<String> others = new ArrayList<>(rule.groups());
    rule.prefixes().forEach(prefix -> others.add(IpMath.text(prefix)));
    put(map, peers, others.isEmpty() ? null : others);
    return map;
  }

  private static Map<String, Object> acl(final NetworkAcl acl) {
    final Map<String, Object> map = named(acl.name());
    list(map, "ingress", acl.ingress(), entry -> entry(entry, "from"));
    list(map, "egress", acl.egress(), entry -> entry(entry, "to"));
    return map;
  }

  private static Map<String, Object> entry(final AclEntry entry, final String peer) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("number", entry.number());
    map.put("action", entry.allow() ? "allow" : "deny");
    map.put("protocol", Words.of(entry.protocol()));
    put(map, "ports", text(entry.ports()));
    map.put(peer, IpMath.text(entry.prefix()));
    return map;
  }

  private static @Nullable String text(final @Nullable PortRanges ports) {
    return ports == null ? null : ports.toString();
  }

  private static Map<String, Object> vm(final Vm vm) {
    final Map<String, Object> map = named(vm.name());
    map.put("type", vm.type());
    put(map, "host", vm.host());
    map.put("outside", vm.outside());
    list(map, "nics", vm.nics(), NetworkEncoder::nic);
    return map;
  }

  private static Map<String, Object> nic(final Nic nic) {
    final Map<String, Object> map = named(nic.name());
    map.put("subnet", nic.subnet());
    map.put("mac", nic.mac().toString());
    map.put("addresses", nic.addresses());
    map.put("security-groups", nic.securityGroups());
    return map;
  }

  private static Map<String, Object> service(final Service service) {
    final Map<String, Object> map = named(service.name());
    map.put("vms", service.vms());
    map.put("protocol", service.protocol() == Protocol.UDP ? "udp" : "tcp");
    map.put("port", service.port());
    put(map, "command", service.command().isEmpty() ? null : service.command());
    put(
        map,
        "environment",
        service.environment().isEmpty() ? null : new TreeMap<>(service.environment()));
    map.put("check", check(service.check()));
    put(map, "metrics", service.metrics());
    map.put("criticality", Words.of(service.criticality()));
    put(map, "depends-on", service.dependsOn().isEmpty() ? null : service.dependsOn());
    put(map, "data-class", service.dataClass());
    return map;
  }

  private static Map<String, Object> check(final @Nullable ServiceCheck check) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("kind", check == null ? ServiceDecoder.NO_CHECK : Words.of(check.kind()));
    if (check != null) {
      put(map, "path", check.path());
      map.put("timeout", Quantity.time(check.timeoutMs()));
    }
    return map;
  }

  private static Map<String, Object> link(final Link link) {
    final Map<String, Object> map = named(link.name());
    map.put("from", link.from());
    map.put("to", link.to());
    map.put("bandwidth", Quantity.bitsText(link.bitsPerSecond()));
    return map;
  }

  private static Map<String, Object> named(final String name) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    return map;
  }

  private static <T> void list(
      final Map<String, Object> map,
      final String key,
      final List<T> list,
      final Function<T, Map<String, Object>> encode) {
    if (!list.isEmpty()) {
      map.put(key, list.stream().map(encode).toList());
    }
  }
}
