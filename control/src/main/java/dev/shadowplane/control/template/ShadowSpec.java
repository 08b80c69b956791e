package dev.shadowplane.control.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a network is shadowed.
 *
 * @param name the shadow's name.
 * @param provisioner who makes it: a provisioner's name.
 * @param port the data-plane port that mirrored packets leave by; empty if none.
 * @param hostInterface the far end of that port, moved into the shadow; empty if none.
 * @param subnet the subnet that it becomes a port of; empty if none.
 * @param fidelity how much of production is copied.
 * @param cpuFactor a shadow VM's share of its production VM's processors, above 0, at most 4.
 * @param memoryFactor likewise of the memory.
 * @param samplePercent the share of flows that is mirrored, above 0, at most 100, where no pair
 *     says otherwise.
 * @param pairs VM pairs with a share of their own.
 * @param anonymisation the data plane's anonymisation that mirrored frames go through; empty if
 *     none.
 * @param thresholds when the shadow is to be resized, or an operator told.
 * @param services how each service is fed, by its name; those not named are {@code NONE}.
 */
public record ShadowSpec(
    String name,
    String provisioner,
    String port,
    String hostInterface,
    String subnet,
    Fidelity fidelity,
    double cpuFactor,
    double memoryFactor,
    double samplePercent,
    List<PairShare> pairs,
    String anonymisation,
    Thresholds thresholds,
    Map<String, ServiceFeed> services) {
  /** Copies the lists. */
  public ShadowSpec {
    pairs = List.copyOf(pairs);
    services = Map.copyOf(services);
  }

  /** How much of production is copied. */
  public enum Fidelity {
    /** Configuration alone: nothing is provisioned, questions can be asked. */
    CONFIGURATION,
    /** VMs that run services, and those that services depend on; other VMs are stood in for. */
    SERVICES,
    /** Every VM. */
    FULL
  }

  /**
   * The share of the flows between two VMs that is mirrored.
   *
   * @param a a VM.
   * @param b another VM.
   * @param percent above 0, at most 100.
   */
  public record PairShare(String a, String b, double percent) {}

  /**
   * Limits of utilisation, each a percentage above 0, at most 100.
   *
   * @param cpuPercent of the processors that a VM may use.
   * @param memoryPercent of the memory that a VM may use.
   * @param networkPercent of the bandwidth of its type.
   */
  public record Thresholds(double cpuPercent, double memoryPercent, double networkPercent) {}

  /**
   * How a service of the shadow is fed and kept in step.
   *
   * @param feed what it is fed with.
   * @param observer whether its VMs watch: they are given a copy of every frame that is mirrored to
   *     the shadow's port, and so is everything that no other service's rule takes.
   * @param command the program and its arguments in the shadow; empty for those of production.
   * @param replication how its state follows production's; null if it does not.
   */
  public record ServiceFeed(
      Feed feed, boolean observer, List<String> command, @Nullable Replication replication) {
    /** Copies the list. */
    public ServiceFeed {
      command = List.copyOf(command);
    }
  }

  /** What a service is fed with. */
  public enum Feed {
    /** Nothing. */
    NONE,
    /** Mirrored packets as they are: for UDP and for observers. */
    PACKETS,
    /** Sessions: the bytes that clients sent, over connections of the shadow's own. */
    SESSIONS
  }

  /**
   * How a service's state follows production's.
   *
   * @param mode when it is brought over.
   * @param files the folder of production's service, whose files are copied, or which hooks are
   *     told of; empty for the state of an instance that the netns provisioner made.
   * @param hooks the folder with the executables {@code snapshot}, {@code changes-since} and {@code
   *     apply}; empty if files are copied.
   * @param intervalMs how often, for {@code FULL} and {@code DIFFERENTIAL}.
   */
  public record Replication(Mode mode, String files, String hooks, long intervalMs) {
    /** When state is brought over. */
    public enum Mode {
      /** All of it, at intervals. */
      FULL,
      /** What changed, at intervals. */
      DIFFERENTIAL,
      /** Each change when it happens, in order. */
      EVENT
    }
  }
}
