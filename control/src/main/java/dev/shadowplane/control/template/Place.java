package dev.shadowplane.control.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where something stands in a template, as in {@code network.vms[3].nics[0]}.
 *
 * @param parent what it lies in; null for the root.
 * @param step the key of a mapping as a String, or the index in a list as an Integer.
 */
record Place(@Nullable Place parent, Object step) {
  static final Place ROOT = new Place(null, "");

  Place key(final String key) {
    return new Place(this, key);
  }

  Place item(final int index) {
    return new Place(this, index);
  }

  /** From the root on. */
  List<Object> steps() {
    final List<Object> steps = new ArrayList<>();
    for (Place place = this; place.parent != null; place = place.parent) {
      steps.addFirst(place.step);
    }
    return steps;
  }

  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder();
    for (final Object step : steps()) {
      if (step instanceof Integer) {
        text.append('[').append(step).append(']');
      } else {
        text.append(text.isEmpty() ? "" : ".").append(step);
      }
    }
    return text.toString();
  }
}
