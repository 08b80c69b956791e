package dev.shadowplane.control.template;

import static dev.shadowplane.control.template.NetworkCheck.NETWORK;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.model.Vm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the services of a network. */
final class ServicesCheck {
  private static final Place SERVICES = NETWORK.key("services");

  private final Network network;
  private final Problems problems;
  private final Map<String, Integer> indices = new HashMap<>();
  private final Set<String> withoutCycle = new HashSet<>();

  private ServicesCheck(final Network network, final Problems problems) {
    this.network = network;
    this.problems = problems;
  }

  static void check(final Network network, final Problems problems) {
    final ServicesCheck check = new ServicesCheck(network, problems);
    check.references();
    for (int i = 0; i < network.services().size(); i++) {
      check.service(network.services().get(i), SERVICES.item(i));
      check.cycles(network.services().get(i), new ArrayList<>());
    }
  }

  private void references() {
    final References vms =
        new References("VM", NETWORK.key("vms"), network.vms(), Vm::name, problems);
    final References services =
        new References("service", SERVICES, network.services(), Service::name, problems);
    final Map<String, String> listeners = new HashMap<>();
    for (int i = 0; i < network.services().size(); i++) {
      final Service service = network.services().get(i);
      indices.putIfAbsent(service.name(), i);
      vms.checkAll(SERVICES.item(i).key("vms"), service.vms());
      services.checkAll(SERVICES.item(i).key("depends-on"), service.dependsOn());
      for (final String vm : Set.copyOf(service.vms())) {
        final String listener =
            listeners.putIfAbsent(
                vm + " " + service.protocol() + " " + service.port(), service.name());
        if (listener != null && service.port() > 0) {
          problems.add(
              SERVICES.item(i).key("port"),
              "is where service " + listener + " listens on VM " + vm + " too: change one");
        }
      }
    }
  }

  private void service(final Service service, final Place place) {
    if (!service.command().isEmpty() && !service.command().getFirst().startsWith("/")) {
      problems.add(
          place.key("command").item(0),
          "is no absolute path: give the program's, as in /usr/bin/python3");
    }
    final boolean udp = service.protocol() == Protocol.UDP;
    final @Nullable ServiceCheck check = service.check();
    if (udp && check != null && check.kind() != ServiceCheck.Kind.PROCESS) {
      problems.add(
          place.key("check").key("kind"), "is for TCP, and the service is of UDP: write process");
    }
    if (check != null && check.kind() != ServiceCheck.Kind.HTTP && !check.path().isEmpty()) {
      problems.add(place.key("check").key("path"), "is of HTTP checks only: leave it out");
    }
    if (udp && !service.metrics().isEmpty()) {
      problems.add(
          place.key("metrics"), "are asked for by TCP, and the service is of UDP: leave them out");
    }
  }

  /** Follows dependencies; a cycle is told once, where it closes. */
  private void cycles(final Service service, final List<String> way) {
    if (withoutCycle.contains(service.name())) {
      return;
    }
    way.add(service.name());
    for (int i = 0; i < service.dependsOn().size(); i++) {
      final String needed = service.dependsOn().get(i);
      final Integer index = indices.get(needed);
      if (way.contains(needed)) {
        final List<String> cycle = new ArrayList<>(way.subList(way.indexOf(needed), way.size()));
        cycle.add(needed);
        final int at = indices.getOrDefault(service.name(), 0);
        problems.add(
            SERVICES.item(at).key("depends-on").item(i),
            "closes a cycle of dependencies, " + shown(cycle) + ": leave one out");
      } else if (index != null) {
        cycles(network.services().get(index), way);
      }
    }
    way.removeLast();
    withoutCycle.add(service.name());
  }

  private static String shown(final List<String> cycle) {
    return cycle.size() <= 12
        ? String.join(" > ", cycle)
        : String.join(" > ", cycle.subList(0, 11)) + " > ... > " + cycle.getLast();
  }
}
