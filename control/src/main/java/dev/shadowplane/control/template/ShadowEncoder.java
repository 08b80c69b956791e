package dev.shadowplane.control.template;

import static dev.shadowplane.control.template.TemplateWriter.number;
import static dev.shadowplane.control.template.TemplateWriter.put;

import dev.shadowplane.control.template.ShadowSpec.PairShare;
import dev.shadowplane.control.template.ShadowSpec.Replication;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import dev.shadowplane.control.template.ShadowSpec.Thresholds;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Makes a part of a template of a shadow's description: what {@link ShadowDecoder} reads. */
final class ShadowEncoder {
  private ShadowEncoder() {}

  static Map<String, Object> shadow(final ShadowSpec shadow) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", shadow.name());
    map.put("provisioner", shadow.provisioner());
    put(
        map,
        "attach",
        TemplateWriter.attach(shadow.port(), shadow.hostInterface(), shadow.subnet()));
    map.put("fidelity", Words.of(shadow.fidelity()));
    map.put("cpu-factor", number(shadow.cpuFactor()));
    map.put("memory-factor", number(shadow.memoryFactor()));
    map.put("sampling", number(shadow.samplePercent()));
    if (!shadow.pairs().isEmpty()) {
      map.put("pairs", shadow.pairs().stream().map(ShadowEncoder::pair).toList());
    }
    put(map, "anonymisation", shadow.anonymisation());
    map.put("thresholds", thresholds(shadow.thresholds()));
    if (!shadow.services().isEmpty()) {
      final Map<String, Object> services = new TreeMap<>();
      shadow.services().forEach((name, feed) -> services.put(name, feed(feed)));
      map.put("services", services);
    }
    return map;
  }

  private static Map<String, Object> pair(final PairShare pair) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("a", pair.a());
    map.put("b", pair.b());
    map.put("percent", number(pair.percent()));
    return map;
  }

  private static Map<String, Object> thresholds(final Thresholds thresholds) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("cpu", number(thresholds.cpuPercent()));
    map.put("memory", number(thresholds.memoryPercent()));
    map.put("network", number(thresholds.networkPercent()));
    return map;
  }

  private static Map<String, Object> feed(final ServiceFeed feed) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("feed", Words.of(feed.feed()));
    map.put("observer", feed.observer());
    put(map, "command", feed.command().isEmpty() ? null : feed.command());
    final Replication replication = feed.replication();
    put(map, "replication", replication == null ? null : replication(replication));
    return map;
  }

  private static Map<String, Object> replication(final Replication replication) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("mode", Words.of(replication.mode()));
    put(map, "files", replication.files());
    put(map, "hooks", replication.hooks());
    map.put("interval", Quantity.time(replication.intervalMs()));
    return map;
  }
}
