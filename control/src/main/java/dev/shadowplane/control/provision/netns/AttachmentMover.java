package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Moves an interface of the host into a network and back; never one that the host uses itself. */
final class AttachmentMover {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Commands commands;

  AttachmentMover(final Commands commands) {
    this.commands = commands;
  }

  /**
   * An interface of the host.
   *
   * @param up whether it is up.
   * @param mtu its largest packet, in bytes.
   */
  record Found(boolean up, int mtu) {}

  /**
   * Looks at an interface of the host.
   *
   * @throws ProvisionException if there is none, or the host uses it: production is not touched.
   */
  Found find(final String name) throws ProvisionException {
    final Commands.Result seen =
        commands.attempt("", List.of("ip", "-j", "-d", "addr", "show", "dev", name));
    if (seen.status() != 0) {
      throw new ProvisionException(
          "there is no interface " + name + " on this host: make it, or name another");
    }
    final JsonNode link = MAPPER.readTree(seen.output()).path(0);
    for (final JsonNode address : link.path("addr_info")) {
      if (!address.path("scope").asString("").equals("link")) {
        throw inUse(name, "has the address " + address.path("local").asString(""));
      }
    }
    if (link.has("master")) {
      throw inUse(name, "is part of " + link.path("master").asString(""));
    }
    for (final String family : List.of("-4", "-6")) {
      final String routes =
          commands.run("", "ip", family, "-j", "route", "show", "table", "all", "dev", name);
      for (final JsonNode route : MAPPER.readTree(routes.isBlank() ? "[]" : routes)) {
        if (!route.path("protocol").asString("").equals("kernel")) {
          throw inUse(name, "has the route to " + route.path("dst").asString(""));
        }
      }
    }
    final boolean veth = link.path("linkinfo").path("info_kind").asString("").equals("veth");
    if (!veth && !Files.exists(Path.of("/sys/class/net", name, "device", "physfn"))) {
      throw new ProvisionException(
          "the interface "
              + name
              + " is neither an end of a veth pair nor a virtual function: nothing else is moved"
              + " out of the host");
    }
    boolean up = false;
    for (final JsonNode flag : link.path("flags")) {
      up |= flag.asString().equals("UP");
    }
    return new Found(up, link.path("mtu").asInt());
  }

  private static ProvisionException inUse(final String name, final String use) {
    return new ProvisionException(
        "the host uses the interface " + name + ", which " + use + ": name another");
  }

  /** Moves it in, without the offloads that would leave checksums to hardware that is not there. */
  void take(final String name, final String namespace) throws ProvisionException {
    commands.run("", "ip", "link", "set", name, "netns", namespace);
    commands.attempt(
        "",
        List.of(
            Commands.inNamespace(
                namespace, "ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off", "gro",
                "off")));
  }

  /** Moves it back, up or down as it was; that it is gone is no error. */
  void giveBack(final String namespace, final Entry.HostLink link) throws ProvisionException {
    final List<String> look =
        List.of("ip", "-n", namespace, "-j", "link", "show", "dev", link.name());
    if (commands.attempt("", look).status() != 0) {
      return;
    }
    commands.ip(
        namespace,
        List.of(
            "link set " + link.name() + " nomaster down",
            "link set " + link.name() + " netns " + ProcessHandle.current().pid()));
    if (link.up()) {
      commands.run("", "ip", "link", "set", link.name(), "up");
    }
  }
}
