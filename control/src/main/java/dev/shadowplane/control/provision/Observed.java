package dev.shadowplane.control.provision;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An item as a provisioner finds it.
 *
 * @param key the item.
 * @param item what it was last made to be; null if nobody of ours made it, or that is unknown.
 * @param deviations in what it is no longer that, each a sentence for people, such as "address
 *     10.0.0.5/24 of eth0 is missing"; empty if in nothing.
 * @param passing whether a service passes its check, and anything else is there.
 */
public record Observed(ItemKey key, @Nullable Item item, List<String> deviations, boolean passing) {
  /** Copies the list. */
  public Observed {
    deviations = List.copyOf(deviations);
  }
}
