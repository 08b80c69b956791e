package dev.shadowplane.control.api;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.model.VmType;
import dev.shadowplane.control.monitor.MonitoredNetwork;
import dev.shadowplane.control.monitor.MonitoredNetwork.MeasuredService;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.Template;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What is monitored of the networks that templates describe. For one thread. */
final class MonitoredNetworks implements Supplier<List<MonitoredNetwork>> {
  private final Supplier<List<Template>> wanted;
  private final Map<String, Provisioner> provisioners;
  private IdentityHashMap<Template, List<MonitoredNetwork>> known = new IdentityHashMap<>();

  MonitoredNetworks(
      final Supplier<List<Template>> wanted, final Collection<Provisioner> provisioners) {
    this.wanted = wanted;
    this.provisioners =
        provisioners.stream().collect(Collectors.toMap(Provisioner::name, one -> one));
  }

  @Override
  public List<MonitoredNetwork> get() {
    final IdentityHashMap<Template, List<MonitoredNetwork>> current = new IdentityHashMap<>();
    final List<MonitoredNetwork> networks = new ArrayList<>();
    for (final Template one : wanted.get()) {
      final List<MonitoredNetwork> before = known.get(one);
      final List<MonitoredNetwork> monitored = before == null ? monitored(one) : before;
      current.put(one, monitored);
      networks.addAll(monitored);
    }
    known = current;
    return networks;
  }

  private List<MonitoredNetwork> monitored(final Template template) {
    final Network network = template.network();
    final Map<String, Long> types =
        network.vmTypes().stream().collect(Collectors.toMap(VmType::name, VmType::bitsPerSecond));
    final Map<String, Long> bandwidth = new HashMap<>();
    network.vms().forEach(vm -> bandwidth.put(vm.name(), types.getOrDefault(vm.type(), 0L)));
    final List<MonitoredNetwork> monitored = new ArrayList<>();
    monitored.add(
        new MonitoredNetwork(
            network.name(),
            "",
            provisioners.get(template.provisioner()),
            bandwidth,
            services(network)));
    final ShadowSpec shadow = template.shadow();
    if (shadow != null) {
      monitored.add(
          new MonitoredNetwork(
              shadow.name(),
              network.name(),
              provisioners.get(shadow.provisioner()),
              bandwidth,
              shadow.fidelity() == ShadowSpec.Fidelity.CONFIGURATION
                  ? List.of()
                  : services(network)));
    }
    return monitored;
  }

  private static List<MeasuredService> services(final Network network) {
    final List<MeasuredService> services = new ArrayList<>();
    for (final Service service : network.services()) {
      for (final String vm : service.vms()) {
        addTo(network, service, vm, services);
      }
    }
    return services;
  }

  private static void addTo(
      final Network network,
      final Service service,
      final String name,
      final List<MeasuredService> services) {
    if (service.metrics().isEmpty()) {
      return;
    }
    for (final Vm vm : network.vms()) {
      if (vm.name().equals(name) && !vm.outside()) {
        vm.nics().stream()
            .flatMap(nic -> nic.addresses().stream())
            .findFirst()
            .ifPresent(address ->
                services.add(
                    new MeasuredService(
                        name, service.name(), address, service.port(), service.metrics())));
      }
    }
  }
}
