package dev.shadowplane.control.template;

import static dev.shadowplane.control.template.NetworkCheck.NETWORK;

import dev.shadowplane.control.model.Names;
import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.Fidelity;
import dev.shadowplane.control.template.ShadowSpec.PairShare;
import dev.shadowplane.control.template.ShadowSpec.Replication;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks how a network is attached and shadowed. */
final class TemplateCheck {
  private static final Place SHADOW = Place.ROOT.key("shadow");

  private final Template template;
  private final Network network;
  private final Problems problems;
  private final Map<String, Vm> vms = new HashMap<>();
  private final Map<String, Service> services = new HashMap<>();

  private TemplateCheck(final Template template, final Problems problems) {
    this.template = template;
    this.network = template.network();
    this.problems = problems;
    network.vms().forEach(vm -> vms.put(vm.name(), vm));
    network.services().forEach(service -> services.put(service.name(), service));
  }

  static void check(final Template template, final Problems problems) {
    final TemplateCheck check = new TemplateCheck(template, problems);
    check.attachment(NETWORK.key("attach"), template.port(), template.hostSubnet());
    check.outside();
    final ShadowSpec shadow = template.shadow();
    if (shadow != null) {
      check.shadow(shadow);
      check.pairs(shadow);
      shadow
          .services()
          .forEach(
              (name, feed) -> check.feed(shadow, name, feed, SHADOW.key("services").key(name)));
    }
  }

  private void attachment(final Place place, final String port, final String subnet) {
    if (port.isEmpty()) {
      return;
    }
    if (subnet.isEmpty()) {
      problems.add(place.key("subnet"), "is missing: name the subnet that it becomes a port of");
    } else if (network.subnets().stream().noneMatch(known -> known.name().equals(subnet))) {
      problems.add(place.key("subnet"), "is the name of no subnet: correct it, or describe one");
    }
  }

  /** Those outside are beyond the attachment, so in its subnet if the network is made here. */
  private void outside() {
    for (int i = 0; i < network.vms().size(); i++) {
      final Vm vm = network.vms().get(i);
      final Place nics = NETWORK.key("vms").item(i).key("nics");
      for (int j = 0; j < vm.nics().size(); j++) {
        if (vm.outside()
            && !template.provisioner().equals("none")
            && !vm.nics().get(j).subnet().equals(template.hostSubnet())) {
          problems.add(
              nics.item(j).key("subnet"),
              "is not the subnet that the data plane is attached to, and the VM is outside: put it"
                  + " there, or attach this subnet");
        }
      }
    }
  }

  private void shadow(final ShadowSpec shadow) {
    attachment(SHADOW.key("attach"), shadow.port(), shadow.subnet());
    final Place name = SHADOW.key("name");
    if (!Names.valid(shadow.name()) && Names.valid(network.name())) {
      problems.add(name, "is no name when derived from the network's: give a shorter one");
    } else if (shadow.name().equals(network.name())) {
      problems.add(name, "is the name of the production network: give another");
    }
    if (!shadow.port().isEmpty() && shadow.port().equals(template.port())) {
      problems.add(
          SHADOW.key("attach").key("port"), "is production's port: mirror to a port of its own");
    }
    if (!shadow.hostInterface().isEmpty()
        && shadow.hostInterface().equals(template.hostInterface())) {
      problems.add(
          SHADOW.key("attach").key("interface"), "is production's interface: give another");
    }
  }

  private void pairs(final ShadowSpec shadow) {
    final Place place = SHADOW.key("pairs");
    final Set<String> fed = fed(shadow);
    final Set<Set<String>> seen = new HashSet<>();
    for (int i = 0; i < shadow.pairs().size(); i++) {
      final PairShare pair = shadow.pairs().get(i);
      final boolean knowsA = vm(place.item(i).key("a"), pair.a());
      final boolean knowsB = vm(place.item(i).key("b"), pair.b());
      if (!knowsA || !knowsB) {
        continue;
      }
      if (pair.a().equals(pair.b())) {
        problems.add(place.item(i).key("b"), "is the same VM as a: name two");
      } else if (!seen.add(Set.of(pair.a(), pair.b()))) {
        problems.add(place.item(i), "is there twice: keep one");
      } else if (!fed.contains(pair.a()) && !fed.contains(pair.b())) {
        problems.add(
            place.item(i),
            "neither " + pair.a() + " nor " + pair.b() + " offers a service that is fed: feed one");
      } else if (addresses(vms.get(pair.a())).isEmpty() || addresses(vms.get(pair.b())).isEmpty()) {
        problems.add(place.item(i), "one of the two has no address to tell it by: give it one");
      }
    }
  }

  private boolean vm(final Place place, final String name) {
    if (!name.isEmpty() && !vms.containsKey(name)) {
      problems.add(place, "is the name of no VM: correct it, or describe one");
    }
    return vms.containsKey(name);
  }

  /** The VMs that offer a service that is fed. */
  private Set<String> fed(final ShadowSpec shadow) {
    final Set<String> fed = new HashSet<>();
    shadow
        .services()
        .forEach((name, feed) -> {
          final Service service = services.get(name);
          if (service != null && feed.feed() != Feed.NONE) {
            fed.addAll(service.vms());
          }
        });
    return fed;
  }

  private static List<String> addresses(final @Nullable Vm vm) {
    return vm == null
        ? List.of()
        : vm.nics().stream().flatMap(nic -> nic.addresses().stream()).toList();
  }

  private void feed(
      final ShadowSpec shadow, final String name, final ServiceFeed feed, final Place place) {
    final Service service = services.get(name);
    if (service == null) {
      problems.add(place, "there is no service " + name + ": correct it, or describe one");
      return;
    }
    final Place kind = place.key("feed");
    if (feed.feed() != Feed.NONE && shadow.fidelity() == Fidelity.CONFIGURATION) {
      problems.add(kind, "needs VMs, and fidelity is configuration: leave one out");
    } else if (feed.feed() == Feed.SESSIONS && service.protocol() == Protocol.UDP) {
      problems.add(kind, "are of TCP, and the service is of UDP: write packets");
    } else if (feed.feed() == Feed.PACKETS && shadow.port().isEmpty()) {
      problems.add(kind, "leave by a port of the data plane: add attach to shadow");
    } else if (feed.feed() == Feed.PACKETS && !shadow.anonymisation().isEmpty()) {
      problems.add(
          kind,
          "cannot be anonymised on their way to a port: write sessions or none, or leave anonymisation out");
    } else if (feed.feed() != Feed.NONE
        && service.vms().stream().allMatch(vm -> addresses(vms.get(vm)).isEmpty())) {
      problems.add(kind, "needs an address of a VM of the service: give it one");
    }
    if (feed.observer() && feed.feed() != Feed.PACKETS) {
      problems.add(place.key("observer"), "needs feed: packets beside it: add it");
    }
    if (!feed.command().isEmpty() && !feed.command().getFirst().startsWith("/")) {
      problems.add(
          place.key("command").item(0),
          "is no absolute path: give the program's, as in /usr/bin/python3");
    }
    replication(shadow, service, feed, place.key("replication"));
  }

  private void replication(
      final ShadowSpec shadow, final Service service, final ServiceFeed feed, final Place place) {
    final Replication replication = feed.replication();
    if (replication == null) {
      return;
    }
    if (replication.files().isEmpty()
        && replication.hooks().isEmpty()
        && (!template.provisioner().equals("netns") || service.command().isEmpty())) {
      problems.add(place, "is of a service whose state is not kept here: give files or hooks");
    }
    if (shadow.fidelity() == Fidelity.CONFIGURATION) {
      problems.add(place, "needs VMs, and fidelity is configuration: leave one out");
    } else if (feed.command().isEmpty() && service.command().isEmpty()) {
      problems.add(place, "needs a service that is started in the shadow: give it a command");
    }
  }
}
