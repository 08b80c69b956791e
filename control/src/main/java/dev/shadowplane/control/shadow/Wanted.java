package dev.shadowplane.control.shadow;

import dev.shadowplane.control.plan.Plan;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.template.Template;
import dev.shadowplane.dataplane.config.Rule;
import java.util.List;

/**
 * What a template calls for.
 *
 * @param template the template.
 * @param text the template in the one form in which it is kept.
 * @param places where items ought to be: the production network if somebody provisions it, and the
 *     shadow if there is one.
 * @param plan what it comes to.
 */
record Wanted(Template template, String text, List<Place> places, Plan plan) {
  /** Copies the list. */
  Wanted {
    places = List.copyOf(places);
  }

  /** The mirror rules of the shadow, in force unless it is paused. */
  List<Rule> rules() {
    return plan.rules();
  }

  /**
   * What ought to be in one network.
   *
   * @param claim which, and whose.
   * @param items everything that ought to be there.
   */
  record Place(Claim claim, List<Item> items) {
    /** Copies the list. */
    Place {
      items = List.copyOf(items);
    }
  }

  /** The name of the template: that of its production network. */
  String name() {
    return template.network().name();
  }

  /** The name of the shadow; empty if there is none. */
  String shadow() {
    return template.shadow() == null ? "" : template.shadow().name();
  }

  /** The VMs that the shadow has copies of; none if there is no shadow. */
  List<VmItem> shadowVms() {
    return shadow().isEmpty() ? List.of() : vms(shadow());
  }

  /** The VMs that ought to be in a network. */
  List<VmItem> vms(final String network) {
    return places.stream()
        .filter(place -> place.claim().network().equals(network))
        .flatMap(place -> place.items().stream())
        .filter(VmItem.class::isInstance)
        .map(VmItem.class::cast)
        .toList();
  }

  /** Whether the production network is made by a provisioner of ours. */
  boolean providesProduction() {
    return places.stream().anyMatch(place -> place.claim().network().equals(name()));
  }

  /** What ought to be in a network of a provisioner; nothing if the template does not name it. */
  List<Item> items(final Claim claim) {
    return places.stream()
        .filter(place -> place.claim().equals(claim))
        .findFirst()
        .map(Place::items)
        .orElse(List.of());
  }
}
