package dev.shadowplane.control.provision;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that ought to be there. Items are values without references to other items: two equal
 * items need the same, so a provisioner has nothing to do when what it has equals what is wanted.
 */
public sealed interface Item {
  /** What it is called. */
  ItemKey key();

  /**
   * The segments of a network and the router between them. Nothing leads out of a network but its
   * attachment.
   *
   * @param network the network.
   * @param segments its subnets.
   * @param attachment the interface of the host that becomes a port of a segment; null if none.
   * @param feed whether there is a place from which sessions are driven, under any address that no
   *     VM has ({@link AgentItem.Kind#FEED}).
   */
  record NetworkItem(
      String network, List<Segment> segments, @Nullable Attachment attachment, boolean feed)
      implements Item {
    /** Copies the list. */
    public NetworkItem {
      segments = List.copyOf(segments);
    }

    @Override
    public ItemKey key() {
      return new ItemKey(network, ItemKey.Kind.NETWORK, network);
    }
  }

  /**
   * A subnet.
   *
   * @param name its name.
   * @param prefixes its prefixes.
   * @param gateways the router's addresses in it.
   * @param ingress what may enter it from other segments, in order; null if everything may.
   * @param egress what may leave it, in order; null if everything may.
   */
  record Segment(
      String name,
      List<IpPrefix> prefixes,
      List<String> gateways,
      @Nullable List<Filter> ingress,
      @Nullable List<Filter> egress) {
    /** Copies the lists. */
    public Segment {
      prefixes = List.copyOf(prefixes);
      gateways = List.copyOf(gateways);
      ingress = ingress == null ? null : List.copyOf(ingress);
      egress = egress == null ? null : List.copyOf(egress);
    }
  }

  /**
   * An interface of the host that is moved into a network: the far end of a data-plane port's veth
   * pair, or a virtual function.
   *
   * @param hostInterface its name on the host.
   * @param segment the segment that it becomes a port of.
   */
  record Attachment(String hostInterface, String segment) {}

  /**
   * One line of a filter.
   *
   * @param allow whether what matches passes.
   * @param protocol of what.
   * @param ports destination ports; null for all.
   * @param peers the other end; empty for any.
   */
  record Filter(
      boolean allow, Protocol protocol, @Nullable PortRanges ports, List<IpPrefix> peers) {
    /** Copies the list. */
    public Filter {
      peers = List.copyOf(peers);
    }
  }

  /**
   * A virtual machine.
   *
   * @param network its network.
   * @param vm its name.
   * @param cpus processors that it may use, fractions allowed.
   * @param memoryBytes memory that it may use.
   * @param nics its interfaces.
   * @param ingress what may come in, stateful; what none allows is dropped.
   * @param egress what may go out, likewise.
   * @param observer whether it is given a copy of every frame of the attachment.
   */
  record VmItem(
      String network,
      String vm,
      double cpus,
      long memoryBytes,
      List<VmNic> nics,
      List<Filter> ingress,
      List<Filter> egress,
      boolean observer)
      implements Item {
    /** Copies the lists. */
    public VmItem {
      nics = List.copyOf(nics);
      ingress = List.copyOf(ingress);
      egress = List.copyOf(egress);
    }

    @Override
    public ItemKey key() {
      return new ItemKey(network, ItemKey.Kind.VM, vm);
    }
  }

  /**
   * An interface of a VM.
   *
   * @param name its name in the VM.
   * @param segment the segment that it is in.
   * @param mac its address.
   * @param addresses its IP addresses with the prefix length of their subnet, as in 10.0.0.5/24.
   * @param routes where to send what is for prefixes outside the segment, the default among them.
   */
  record VmNic(
      String name, String segment, MacAddress mac, List<String> addresses, List<Route> routes) {
    /** Copies the lists. */
    public VmNic {
      addresses = List.copyOf(addresses);
      routes = List.copyOf(routes);
    }
  }

  /**
   * An instance of a service: a process in a VM, of a user of its own, started again when it ends.
   *
   * @param network its network.
   * @param vm the VM that it runs in.
   * @param service its name.
   * @param port where it listens.
   * @param command program and arguments.
   * @param environment variables; {@code SHADOWPLANE_STATE} names a folder of its own, kept until
   *     the item is deleted.
   * @param check how to see that it works; null if running is all.
   */
  record ServiceItem(
      String network,
      String vm,
      String service,
      int port,
      List<String> command,
      Map<String, String> environment,
      @Nullable ServiceCheck check)
      implements Item {
    /** Copies the lists. */
    public ServiceItem {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }

    @Override
    public ItemKey key() {
      return new ItemKey(network, ItemKey.Kind.SERVICE, service + "." + vm);
    }
  }

  /**
   * A process of Shadowplane itself inside a network.
   *
   * @param network the network.
   * @param name its name.
   * @param kind which.
   * @param configuration the text of its configuration file; it is started again with a new one
   *     when this changes.
   */
  record AgentItem(String network, String name, Kind kind, String configuration) implements Item {
    @Override
    public ItemKey key() {
      return new ItemKey(network, ItemKey.Kind.AGENT, name);
    }

    /** Which process. */
    public enum Kind {
      /** Drives sessions from the network's feed: {@code shadowplane feed}. */
      FEED,
      /** Brings a service's state into the network: {@code shadowplane replicate}. */
      REPLICATION
    }
  }
}
