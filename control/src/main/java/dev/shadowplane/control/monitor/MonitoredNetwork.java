package dev.shadowplane.control.monitor;

import dev.shadowplane.control.provision.Provisioner;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network that is monitored.
 *
 * @param name its name.
 * @param shadowOf the production network that it is the shadow of; empty if it is one itself.
 * @param provisioner tells what it uses; null if nobody of ours makes it, and it is not known.
 * @param bitsPerSecond the bandwidth of VMs that have a limit, by name.
 * @param services those that tell metrics.
 */
public record MonitoredNetwork(
    String name,
    String shadowOf,
    @Nullable Provisioner provisioner,
    Map<String, Long> bitsPerSecond,
    List<MeasuredService> services) {
  /** Copies the collections. */
  public MonitoredNetwork {
    bitsPerSecond = Map.copyOf(bitsPerSecond);
    services = List.copyOf(services);
  }

  /**
   * An instance of a service that tells metrics over HTTP.
   *
   * @param vm where it runs.
   * @param service its name.
   * @param address its IP address.
   * @param port its port.
   * @param path the path of its metrics.
   */
  public record MeasuredService(String vm, String service, String address, int port, String path) {}
}
