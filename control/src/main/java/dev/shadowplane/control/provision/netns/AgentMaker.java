package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Runs Shadowplane's own processes inside networks. */
final class AgentMaker {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Host host;
  private final Keeper keeper;

  AgentMaker(final Host host) {
    this.host = host;
    this.keeper = new Keeper(host);
  }

  private static String group(final String network, final String name) {
    return network + "/_agents/" + name;
  }

  private static String keeperGroup(final String network, final String name) {
    return network + "/_keepers/" + name;
  }

  void put(final AgentItem agent, final @Nullable Entry before) throws ProvisionException {
    final String network = agent.network();
    if (host.records().get(new ItemKey(network, ItemKey.Kind.NETWORK, network)) == null) {
      throw new ProvisionException("there is no network " + network + ": put it first");
    }
    if (before != null
        && before.made()
        && before.item().equals(agent)
        && deviations(agent).isEmpty()) {
      return;
    }
    keeper.stop(group(network, agent.name()), keeperGroup(network, agent.name()));
    final Entry making = Entry.making(agent);
    final int uid;
    if (agent.kind() == AgentItem.Kind.REPLICATION) {
      uid = owner(agent);
      host.records().put(making);
    } else if (before != null && before.uid() > 0) {
      uid = before.uid();
      host.records().put(making.withUid(uid));
    } else {
      uid = host.records().reserveUid(making, host.settings().uids());
    }
    final Path folder = host.folders().agent(network, agent.name());
    final Path report = folder.resolve("report");
    final Path config = folder.resolve("config.json");
    try {
      host.folders().folder(folder, "rwxr-x--x", 0);
      host.folders().readable(report, uid);
      Files.deleteIfExists(config);
      Files.createFile(
          config,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(config, agent.configuration());
      Files.setAttribute(config, "unix:uid", uid);
    } catch (IOException e) {
      throw new ProvisionException(folder + " cannot be made: " + e, e);
    }
    final Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PATH", Commands.PATH);
    environment.put("HOME", report.toString());
    environment.put("LC_ALL", "C.UTF-8");
    if (!host.settings().javaHome().isEmpty()) {
      environment.put("JAVA_HOME", host.settings().javaHome());
    }
    final boolean feed = agent.kind() == AgentItem.Kind.FEED;
    keeper.start(
        new Keeper.Job(
            folder,
            group(network, agent.name()),
            keeperGroup(network, agent.name()),
            feed ? Layout.feed(network) : "",
            uid,
            groups(feed),
            report,
            false),
        List.of(
            host.settings().launcher(),
            feed ? "feed" : "replicate",
            "--config",
            config.toString(),
            "--report",
            report.toString()),
        environment);
    final Entry entry = host.records().get(agent.key());
    host.records().put((entry == null ? making : entry).finished(List.of()));
  }

  /** Whose files it may read: the journal's, or the states of services. */
  private List<Integer> groups(final boolean feed) {
    final List<Integer> groups = new ArrayList<>(host.settings().journalGroups());
    if (!feed && host.folders().group() >= 0) {
      groups.add(host.folders().group());
    }
    return groups;
  }

  /** Who writes the state that is brought over: the service whose folder it is. */
  private int owner(final AgentItem agent) throws ProvisionException {
    final Path to;
    try {
      to = Path.of(MAPPER.readTree(agent.configuration()).path("to").asString(""));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new ProvisionException(
          "the configuration of " + agent.name() + " is no JSON with a folder 'to'", e);
    }
    for (final Entry entry : host.records().of(agent.network())) {
      final ItemKey key = entry.item().key();
      if (key.kind() == ItemKey.Kind.SERVICE
          && to.normalize().startsWith(host.folders().state(key.network(), key.name()))) {
        return entry.uid();
      }
    }
    throw new ProvisionException(
        "'"
            + to
            + "' is not within the state of a service of "
            + agent.network()
            + ": give "
            + host.folders().state(agent.network(), "SERVICE.VM"));
  }

  List<String> deviations(final AgentItem agent) {
    final String group = group(agent.network(), agent.name());
    final Path folder = host.folders().agent(agent.network(), agent.name());
    if (host.cgroups().processes(group).isEmpty()) {
      return List.of("it does not run: " + keeper.reason(folder, group));
    }
    return agent.kind() == AgentItem.Kind.FEED
            && !keeper.runsIn(group, Layout.feed(agent.network()))
        ? List.of("it runs in another network namespace than the network's feed")
        : List.of();
  }

  void delete(final String network, final String name) throws ProvisionException {
    keeper.stop(group(network, name), keeperGroup(network, name));
    Folders.delete(host.folders().agent(network, name));
  }
}
