package dev.shadowplane.control.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one or more VMs offer.
 *
 * @param name its name.
 * @param vms those that offer it, each one instance.
 * @param protocol TCP or UDP.
 * @param port where each listens, 1 to 65535.
 * @param command the program of an instance and its arguments, for provisioners that start
 *     processes; empty if something else starts it.
 * @param environment variables of the program.
 * @param check how to see that an instance works; null if it cannot be asked.
 * @param metrics the path of its Prometheus metrics over HTTP on {@code port}; empty if it has
 *     none.
 * @param criticality how bad it is when it fails.
 * @param dependsOn services that it needs; without cycles.
 * @param dataClass the kind of data that it holds, any word; empty if none.
 */
public record Service(
    String name,
    List<String> vms,
    Protocol protocol,
    int port,
    List<String> command,
    Map<String, String> environment,
    @Nullable ServiceCheck check,
    String metrics,
    Criticality criticality,
    List<String> dependsOn,
    String dataClass) {
  /** Copies the lists. */
  public Service {
    vms = List.copyOf(vms);
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    dependsOn = List.copyOf(dependsOn);
  }

  /** How bad it is when a service fails. */
  public enum Criticality {
    /** Nobody notices. */
    LOW,
    /** Some are disturbed. */
    MEDIUM,
    /** Many are. */
    HIGH,
    /** The business stands still. */
    CRITICAL
  }
}
