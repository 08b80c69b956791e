package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.DataPlane;
import dev.shadowplane.control.v1.ListPortsResponse;
import dev.shadowplane.control.v1.ListRulesResponse;
import dev.shadowplane.control.v1.Port;
import dev.shadowplane.control.v1.Worker;
import java.util.Map;

/**
 * The data plane's answers as messages of the contract. Keys that are not known are passed over,
 * values of another type are {@link IllegalArgumentException}s.
 */
final class Replies {
  private Replies() {}

  static DataPlane status(final Map<String, Object> reply) {
    final Fields fields = new Fields("the status", reply);
    final DataPlane.Builder status =
        DataPlane.newBuilder().setVersion(fields.text("version")).setState(fields.text("state"));
    for (final Object element : fields.list("workers")) {
      final Fields worker = new Fields("a worker", element);
      status.addWorkers(
          Worker.newBuilder().setCore(worker.integer("core")).addAllLinks(worker.texts("links")));
    }
    status.addAllRoles(RoleObject.read(fields));
    return status.build();
  }

  static ListPortsResponse ports(final Map<String, Object> reply) {
    final ListPortsResponse.Builder ports = ListPortsResponse.newBuilder();
    for (final Object element : new Fields("the list of ports", reply).list("ports")) {
      final Fields port = new Fields("a port", element);
      ports.addPorts(
          Port.newBuilder()
              .setName(port.text("name"))
              .setDevice(port.text("device"))
              .setDriver(port.text("driver"))
              .setMac(port.text("mac"))
              .setMtu(port.integer("mtu"))
              .setLinkUp(port.flag("link-up"))
              .setSpeedMbps(port.whole("speed-mbps"))
              .setRxDescriptors(port.integer("rx-descriptors"))
              .setTxDescriptors(port.integer("tx-descriptors")));
    }
    return ports.build();
  }

  static ListRulesResponse rules(final Map<String, Object> reply) {
    final Fields fields = new Fields("the list of rules", reply);
    final ListRulesResponse.Builder rules =
        ListRulesResponse.newBuilder().setVersion(fields.whole("version"));
    rules.addAllWarnings(fields.texts("warnings"));
    for (final Object rule : fields.list("rules")) {
      rules.addRules(RuleObject.read(rule));
    }
    return rules.build();
  }
}
