package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Usage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What VMs have used: from their control groups and from the router's ends of their links. */
final class UsageReader {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Host host;

  UsageReader(final Host host) {
    this.host = host;
  }

  /** Of every VM of a network, and of the network. */
  List<Usage> read(final String network) throws ProvisionException {
    final List<VmItem> vms = host.records().items(network, VmItem.class);
    final ItemKey home = new ItemKey(network, ItemKey.Kind.NETWORK, network);
    if (host.records().get(home) == null) {
      return List.of();
    }
    final Map<String, JsonNode> links = new HashMap<>();
    final Commands.Result seen =
        host.commands()
            .attempt("", List.of("ip", "-n", Layout.router(network), "-j", "-s", "link", "show"));
    try {
      if (seen.status() == 0) {
        MAPPER
            .readTree(seen.output())
            .forEach(link -> links.put(link.path("ifname").asString(""), link.path("stats64")));
      }
    } catch (JacksonException e) {
      throw new ProvisionException("ip printed no JSON: " + e.getOriginalMessage(), e);
    }
    final long now = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
    final List<Usage> usages = new ArrayList<>();
    final long[] sum = new long[4];
    long memoryLimit = 0;
    double cpuLimit = 0;
    for (final VmItem vm : vms) {
      final long[] traffic = new long[4];
      for (final VmNic nic : vm.nics()) {
        final JsonNode stats = links.get(Layout.link(vm.vm(), nic.name()));
        if (stats != null) {
          // What the router's end sends, the VM receives.
          traffic[0] += stats.path("tx").path("bytes").asLong();
          traffic[1] += stats.path("tx").path("packets").asLong();
          traffic[2] += stats.path("rx").path("bytes").asLong();
          traffic[3] += stats.path("rx").path("packets").asLong();
        }
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += traffic[i];
      }
      memoryLimit += vm.memoryBytes();
      cpuLimit += vm.cpus();
      final String group = VmMaker.group(network, vm.vm());
      usages.add(usage(vm.key(), now, group, vm.memoryBytes(), vm.cpus(), traffic));
    }
    usages.add(usage(home, now, network, memoryLimit, cpuLimit, sum));
    return usages;
  }

  private Usage usage(
      final ItemKey key,
      final long now,
      final String group,
      final long memoryLimit,
      final double cpuLimit,
      final long[] traffic) {
    return new Usage(
        key,
        now,
        host.cgroups().cpuNs(group),
        host.cgroups().memoryBytes(group),
        memoryLimit,
        cpuLimit,
        traffic[0],
        traffic[1],
        traffic[2],
        traffic[3]);
  }
}
