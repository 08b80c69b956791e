package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the provisioner remembers of an item.
 *
 * @param item what it was last asked to be.
 * @param made whether that was finished.
 * @param facts what the kernel said of it right after.
 * @param uid the user that it runs as; 0 for what does not run.
 * @param mtu of the links of a network; 0 for anything else.
 * @param host what the attached interface was before; null for anything but a network that has one.
 */
record Entry(
    Item item, boolean made, List<String> facts, int uid, int mtu, @Nullable HostLink host) {
  Entry {
    facts = List.copyOf(facts);
  }

  /** One that is not finished. */
  static Entry making(final Item item) {
    return new Entry(item, false, List.of(), 0, 0, null);
  }

  Entry finished(final List<String> seen) {
    return new Entry(item, true, seen, uid, mtu, host);
  }

  Entry withUid(final int user) {
    return new Entry(item, made, facts, user, mtu, host);
  }

  /**
   * An interface before it was attached.
   *
   * @param name its name.
   * @param up whether it was up.
   */
  record HostLink(String name, boolean up) {}
}
