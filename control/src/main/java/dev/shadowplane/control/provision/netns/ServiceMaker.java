package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the services of VMs. */
final class ServiceMaker {
  private static final int MANY_ENDS = 3;
  private static final long PAUSE_MS = 50;

  /** How long one that cannot be asked has to stay up. */
  private static final long STAYING_MS = 300;

  private final Host host;
  private final Keeper keeper;
  private final Probe probe;

  ServiceMaker(final Host host) {
    this.host = host;
    this.keeper = new Keeper(host);
    this.probe = new Probe(host);
  }

  private static String name(final ServiceItem service) {
    return service.service() + "." + service.vm();
  }

  /** The control group of a service, by its item's name {@code SERVICE.VM}. */
  static String group(final String network, final String name) {
    final int dot = name.indexOf('.');
    return VmMaker.group(network, name.substring(dot + 1)) + "/" + name.substring(0, dot);
  }

  private static String keeperGroup(final String network, final String name) {
    return network + "/_keepers/" + name;
  }

  /** Starts it anew, and returns when it passes its check. */
  void put(final ServiceItem service, final @Nullable Entry before) throws ProvisionException {
    final String network = service.network();
    final String name = name(service);
    final ItemKey home = new ItemKey(network, ItemKey.Kind.VM, service.vm());
    if (host.records().get(home) == null) {
      throw new ProvisionException("there is no VM " + service.vm() + ": put it first");
    }
    final Path program = Path.of(service.command().getFirst());
    if (!Files.isExecutable(program) || Files.isDirectory(program)) {
      throw new ProvisionException(
          "there is no program " + program + " on this host: install it, or correct the command");
    }
    if (before != null
        && before.made()
        && before.item().equals(service)
        && deviations(service).isEmpty()) {
      return;
    }
    Entry entry = Entry.making(service);
    keeper.stop(group(network, name), keeperGroup(network, name));
    final int uid;
    if (before != null && before.uid() > 0) {
      uid = before.uid();
      host.records().put(entry.withUid(uid));
    } else {
      uid = host.records().reserveUid(entry, host.settings().uids());
    }
    entry = entry.withUid(uid);
    final Path state = host.folders().state(network, name);
    try {
      host.folders().folder(host.folders().service(network, name), "rwxr-x--x", 0);
      host.folders().state(state, uid);
    } catch (IOException e) {
      throw new ProvisionException(state + " cannot be made: " + e, e);
    }
    final Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PATH", Commands.PATH);
    environment.put("HOME", state.toString());
    environment.put("LC_ALL", "C.UTF-8");
    environment.putAll(service.environment());
    environment.put("SHADOWPLANE_STATE", state.toString());
    keeper.start(job(service, uid), service.command(), environment);
    await(service);
    host.records().put(entry.finished(List.of()));
  }

  private Keeper.Job job(final ServiceItem service, final int uid) {
    final String name = name(service);
    return new Keeper.Job(
        host.folders().service(service.network(), name),
        group(service.network(), name),
        keeperGroup(service.network(), name),
        Layout.vm(service.network(), service.vm()),
        uid,
        List.of(),
        host.folders().state(service.network(), name),
        true);
  }

  private void await(final ServiceItem service) throws ProvisionException {
    final long begin = System.nanoTime();
    final long end = begin + host.settings().startMs() * 1_000_000;
    final Path folder = host.folders().service(service.network(), name(service));
    final String group = group(service.network(), name(service));
    String complaint;
    do {
      complaint = complaint(service);
      if (complaint.isEmpty()
          && (isAsked(service) || System.nanoTime() - begin > STAYING_MS * 1_000_000)) {
        return;
      }
      if (Keeper.ends(folder).ended() >= MANY_ENDS || host.cgroups().oomKills(group) > 0) {
        throw new ProvisionException("it does not stay up: " + keeper.reason(folder, group));
      }
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ProvisionException("interrupted", e);
      }
    } while (System.nanoTime() - end < 0);
    throw new ProvisionException(
        "it does not pass its check within " + host.settings().startMs() + " ms: " + complaint);
  }

  private static boolean isAsked(final ServiceItem service) {
    final ServiceCheck check = service.check();
    return check != null && check.kind() != ServiceCheck.Kind.PROCESS;
  }

  private String complaint(final ServiceItem service) throws ProvisionException {
    final List<String> deviations = deviations(service);
    return deviations.isEmpty() ? probe.complaint(service) : deviations.getFirst();
  }

  /** In what it is no longer what it was made to be; the check is apart. */
  List<String> deviations(final ServiceItem service) {
    final String name = name(service);
    final String group = group(service.network(), name);
    final Entry entry = host.records().get(service.key());
    if (entry == null || !keeper.runsAs(group, entry.uid())) {
      final Path folder = host.folders().service(service.network(), name);
      return List.of("it does not run: " + keeper.reason(folder, group));
    }
    if (!Files.exists(Layout.namespaceFile(Layout.vm(service.network(), service.vm())))) {
      return List.of("the namespace of its VM is missing");
    }
    return keeper.runsIn(group, Layout.vm(service.network(), service.vm()))
        ? List.of()
        : List.of("it runs in another network namespace than its VM");
  }

  /** Whether it passes its check. */
  boolean passes(final ServiceItem service) throws ProvisionException {
    return probe.complaint(service).isEmpty();
  }

  /** Ends it and deletes its files. */
  void delete(final String network, final String name) throws ProvisionException {
    keeper.stop(group(network, name), keeperGroup(network, name));
    Folders.delete(host.folders().service(network, name));
  }
}
