package dev.shadowplane.control.provision.external;

import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.store.ConfigStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What an orchestrator has told of items, kept over restarts. One thread at a time. */
final class AcknowledgedItems {
  private static final String PREFIX = "external/";

  private final ConfigStore store;
  private final Map<String, Map<String, Observed>> byNetwork = new HashMap<>();

  AcknowledgedItems(final ConfigStore store) {
    this.store = store;
    store.list(PREFIX).values().forEach(text -> note(ItemJson.read(text, Observed.class)));
  }

  List<Observed> of(final String network) {
    return List.copyOf(byNetwork.getOrDefault(network, Map.of()).values());
  }

  boolean has(final ItemKey key) {
    return byNetwork.getOrDefault(key.network(), Map.of()).containsKey(key.toString());
  }

  /** Keeps some and forgets others, all or none. */
  void put(final Collection<Observed> there, final Collection<ItemKey> gone) {
    if (there.isEmpty() && gone.isEmpty()) {
      return;
    }
    final Map<String, Optional<String>> changes = new HashMap<>();
    gone.forEach(key -> changes.put(PREFIX + key, Optional.empty()));
    there.forEach(item -> changes.put(PREFIX + item.key(), Optional.of(ItemJson.write(item))));
    store.commit(changes);
    for (final ItemKey key : gone) {
      final Map<String, Observed> items = byNetwork.get(key.network());
      if (items != null && items.remove(key.toString()) != null && items.isEmpty()) {
        byNetwork.remove(key.network());
      }
    }
    there.forEach(this::note);
  }

  private void note(final Observed item) {
    byNetwork
        .computeIfAbsent(item.key().network(), network -> new TreeMap<>())
        .put(item.key().toString(), item);
  }
}
