package dev.shadowplane.control.shadow;

import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Observed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a shadow differs from production. Both are made from one template, so whatever either differs
 * in from what it was made to be, they differ in from each other.
 *
 * @param observedAtNs when both were observed, in nanoseconds since 1970; 0 if they were not yet.
 * @param differences what differs.
 * @param events what was found to have changed by itself so far, newest first; it was put right.
 */
public record Drift(long observedAtNs, List<Difference> differences, List<DriftEvent> events) {
  /** Copies the lists. */
  public Drift {
    differences = List.copyOf(differences);
    events = List.copyOf(events);
  }

  /**
   * One difference.
   *
   * @param side where it comes from.
   * @param what the item, or the VM.
   * @param sentence what differs.
   */
  public record Difference(Side side, String what, String sentence) {}

  /** Where a difference comes from. */
  public enum Side {
    /** The template wants it so. */
    DESIGN,
    /** Production is not as the template says. */
    PRODUCTION,
    /** The shadow is not as the template says. */
    SHADOW
  }

  static Drift of(
      final ManagedNetwork.State state,
      final ManagedNetwork.Seen seen,
      final List<DriftEvent> events) {
    final List<Difference> differences = new ArrayList<>();
    final Wanted wanted = state.wanted();
    if (wanted != null) {
      for (final Map.Entry<Claim, List<Observed>> entry : seen.items().entrySet()) {
        final Claim claim = entry.getKey();
        final Side side = claim.network().equals(wanted.name()) ? Side.PRODUCTION : Side.SHADOW;
        ItemPlan.of(wanted.items(claim), entry.getValue())
            .changes()
            .forEach(change -> observed(side, change, differences));
      }
      if (!wanted.shadow().isEmpty()) {
        design(wanted, differences);
      }
    }
    return new Drift(seen.atNs(), differences, events);
  }

  private static void observed(
      final Side side, final Change change, final List<Difference> differences) {
    switch (change.action()) {
      case CREATE -> differences.add(new Difference(side, change.what(), "is missing"));
      case DELETE ->
          differences.add(
              new Difference(side, change.what(), "is there, which the template does not have"));
      case CHANGE ->
          change
              .differences()
              .forEach(text -> differences.add(new Difference(side, change.what(), text)));
    }
  }

  private static void design(final Wanted wanted, final List<Difference> differences) {
    final Map<String, VmItem> shadow = new TreeMap<>();
    wanted.shadowVms().forEach(vm -> shadow.put(vm.vm(), vm));
    final Map<String, VmItem> production = new TreeMap<>();
    wanted.vms(wanted.name()).forEach(vm -> production.put(vm.vm(), vm));
    for (final Vm vm : wanted.template().network().vms()) {
      final VmItem copy = shadow.get(vm.name());
      final VmItem original = production.get(vm.name());
      if (copy == null) {
        differences.add(
            new Difference(
                Side.DESIGN,
                vm.name(),
                vm.outside() ? "is outside, and stood in for" : "has no copy in the shadow"));
      } else if (original != null) {
        differ(vm.name(), "cpus", original.cpus(), copy.cpus(), differences);
        differ(
            vm.name(),
            "memory",
            (double) original.memoryBytes(),
            (double) copy.memoryBytes(),
            differences);
      }
    }
  }

  private static void differ(
      final String vm,
      final String what,
      final double production,
      final double shadow,
      final List<Difference> differences) {
    if (production != shadow) {
      differences.add(
          new Difference(
              Side.DESIGN,
              vm,
              what + " is " + shown(shadow) + " in the shadow, " + shown(production) + " here"));
    }
  }

  private static String shown(final double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
