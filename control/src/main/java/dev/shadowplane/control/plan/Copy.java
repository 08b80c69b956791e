package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.Fidelity;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import dev.shadowplane.control.template.Template;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an instance of a network has, production itself or a shadow.
 *
 * @param name the instance's name.
 * @param attachment its attachment; null if it has none.
 * @param feed whether sessions are driven in it.
 * @param vms the names of the VMs that it has.
 * @param observers those of them that watch.
 * @param commands what starts services instead of their own commands, by service.
 * @param cpuFactor each VM's share of its type's processors.
 * @param memoryFactor likewise of the memory.
 */
record Copy(
    String name,
    @Nullable Attachment attachment,
    boolean feed,
    Set<String> vms,
    Set<String> observers,
    Map<String, List<String>> commands,
    double cpuFactor,
    double memoryFactor) {

  static Copy ofProduction(final Template template) {
    return new Copy(
        template.network().name(),
        attachment(template.hostInterface(), template.hostSubnet()),
        false,
        inside(template.network()),
        Set.of(),
        Map.of(),
        1,
        1);
  }

  static Copy ofShadow(final Network network, final ShadowSpec shadow) {
    final Set<String> vms = inside(network);
    if (shadow.fidelity() == Fidelity.SERVICES) {
      // What a service depends on is a service too.
      final Set<String> serving = new HashSet<>();
      network.services().forEach(service -> serving.addAll(service.vms()));
      vms.retainAll(serving);
    }
    final Set<String> observers = new HashSet<>();
    network.services().stream()
        .filter(service -> observes(shadow.services().get(service.name())))
        .forEach(service -> observers.addAll(service.vms()));
    final Map<String, List<String>> commands = new HashMap<>();
    shadow
        .services()
        .forEach((name, feed) -> {
          if (!feed.command().isEmpty()) {
            commands.put(name, feed.command());
          }
        });
    return new Copy(
        shadow.name(),
        attachment(shadow.hostInterface(), shadow.subnet()),
        shadow.services().values().stream().anyMatch(feed -> feed.feed() == Feed.SESSIONS),
        vms,
        observers,
        commands,
        shadow.cpuFactor(),
        shadow.memoryFactor());
  }

  private static boolean observes(final @Nullable ServiceFeed feed) {
    return feed != null && feed.observer();
  }

  private static Set<String> inside(final Network network) {
    final Set<String> vms = new HashSet<>();
    network.vms().stream().filter(vm -> !vm.outside()).map(Vm::name).forEach(vms::add);
    return vms;
  }

  private static @Nullable Attachment attachment(final String hostInterface, final String subnet) {
    return hostInterface.isEmpty() ? null : new Attachment(hostInterface, subnet);
  }
}
