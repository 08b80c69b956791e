package dev.shadowplane.control.shadow;

import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.store.ConfigStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What is kept of networks, under the names of their templates. */
final class NetworkStore {
  private static final String TEMPLATES = "templates/";
  private static final String PAUSED = "paused/";
  private static final String CLAIMS = "claims/";
  private static final String OUTCOMES = "outcomes/";
  private static final String DRIFT = "drift/";

  private final ConfigStore store;

  NetworkStore(final ConfigStore store) {
    this.store = store;
  }

  /** What was found to differ from what it had been brought to. */
  record Drift(List<String> sentences) {}

  /** Every template that there is, or something of it. */
  Set<String> names() {
    final Set<String> names = new TreeSet<>();
    store.list(TEMPLATES).keySet().forEach(key -> names.add(key.substring(TEMPLATES.length())));
    for (final String key : store.list(CLAIMS).keySet()) {
      names.add(key.substring(CLAIMS.length(), key.indexOf('/', CLAIMS.length())));
    }
    return names;
  }

  Optional<String> template(final String name) {
    return store.get(TEMPLATES + name);
  }

  Optional<String> templateAt(final String name, final long atNs) {
    return store.getAt(TEMPLATES + name, atNs);
  }

  /** Versions of a template, newest first; one without a text says that it was deleted. */
  List<ConfigStore.Version> templates(final String name, final int limit) {
    return store.history(TEMPLATES + name, limit);
  }

  /** The version of a template; 0 if there is none. */
  long revision(final String name) {
    return templates(name, 1).stream()
        .filter(version -> version.value().isPresent())
        .mapToLong(ConfigStore.Version::revision)
        .findFirst()
        .orElse(0);
  }

  boolean paused(final String name) {
    return store.get(PAUSED + name).isPresent();
  }

  void pause(final String name, final boolean paused) {
    store.commit(Map.of(PAUSED + name, paused ? Optional.of("paused") : Optional.empty()));
  }

  List<Claim> claims(final String name) {
    final String prefix = CLAIMS + name + "/";
    final List<Claim> claims = new ArrayList<>();
    for (final String key : store.list(prefix).keySet()) {
      final int slash = key.indexOf('/', prefix.length());
      claims.add(new Claim(key.substring(prefix.length(), slash), key.substring(slash + 1)));
    }
    return claims;
  }

  /** Keeps a template and the claims that it needs, in one commit; its version. */
  long put(final Wanted wanted) {
    final Map<String, Optional<String>> changes = new HashMap<>();
    changes.put(TEMPLATES + wanted.name(), Optional.of(wanted.text()));
    wanted
        .places()
        .forEach(place -> changes.put(key(wanted.name(), place.claim()), Optional.of("held")));
    return store.commit(changes);
  }

  /** Removes a template; its claims stay. */
  void remove(final String name) {
    store.commit(Map.of(TEMPLATES + name, Optional.empty(), PAUSED + name, Optional.empty()));
  }

  /** Drops claims, as nothing is left there. */
  void release(final String name, final Collection<Claim> claims) {
    final Map<String, Optional<String>> changes = new HashMap<>();
    claims.forEach(claim -> changes.put(key(name, claim), Optional.empty()));
    store.commit(changes);
  }

  Outcome outcome(final String name) {
    return store
        .get(OUTCOMES + name)
        .map(text -> ItemJson.read(text, Outcome.class))
        .orElse(Outcome.NONE);
  }

  void outcome(final String name, final Optional<Outcome> outcome) {
    store.commit(Map.of(OUTCOMES + name, outcome.map(ItemJson::write)));
  }

  void drifted(final String name, final List<String> sentences) {
    store.commit(Map.of(DRIFT + name, Optional.of(ItemJson.write(new Drift(sentences)))));
  }

  /** The times of drift and what it was, newest first. */
  List<DriftEvent> drift(final String name, final int limit) {
    return store.history(DRIFT + name, limit).stream()
        .filter(version -> version.value().isPresent())
        .map(version ->
            new DriftEvent(
                version.atNs(),
                ItemJson.read(version.value().orElseThrow(), Drift.class).sentences()))
        .toList();
  }

  private static String key(final String name, final Claim claim) {
    return CLAIMS + name + "/" + claim.provisioner() + "/" + claim.network();
  }
}
