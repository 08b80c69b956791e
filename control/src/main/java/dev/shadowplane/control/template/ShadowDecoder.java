package dev.shadowplane.control.template;

import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.Fidelity;
import dev.shadowplane.control.template.ShadowSpec.PairShare;
import dev.shadowplane.control.template.ShadowSpec.Replication;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import dev.shadowplane.control.template.ShadowSpec.Thresholds;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a shadow's description of a part of a template, with what is left out filled in. */
final class ShadowDecoder {
  private static final long INTERVAL_MS = 10_000;

  private ShadowDecoder() {}

  static ShadowSpec shadow(final Part shadow, final String network, final String onlySubnet) {
    final Map<String, ServiceFeed> services = new LinkedHashMap<>();
    shadow.named("services").forEach((name, service) -> services.put(name, feed(service)));
    final Part attach = shadow.part("attach");
    final Part thresholds = shadow.part("thresholds");
    return new ShadowSpec(
        shadow.text("name", network + "-shadow"),
        shadow.text("provisioner", "netns"),
        attach.text("port", ""),
        attach.text("interface", ""),
        attach.text("subnet", shadow.has("attach") ? onlySubnet : ""),
        shadow.choice("fidelity", Fidelity.SERVICES),
        shadow.number("cpu-factor", 1),
        shadow.number("memory-factor", 1),
        shadow.number("sampling", 100),
        shadow.parts("pairs").stream().map(ShadowDecoder::pair).toList(),
        shadow.text("anonymisation", ""),
        new Thresholds(
            thresholds.number("cpu", 80),
            thresholds.number("memory", 90),
            thresholds.number("network", 80)),
        services);
  }

  private static PairShare pair(final Part pair) {
    return new PairShare(pair.text("a", ""), pair.text("b", ""), pair.number("percent", 100));
  }

  private static ServiceFeed feed(final Part service) {
    final List<String> command = service.texts("command");
    return new ServiceFeed(
        service.choice("feed", Feed.NONE),
        service.flag("observer", false),
        command,
        service.has("replication") ? replication(service.part("replication")) : null);
  }

  private static Replication replication(final Part replication) {
    return new Replication(
        replication.choice("mode", Replication.Mode.FULL),
        replication.text("files", ""),
        replication.text("hooks", ""),
        replication.parsed("interval", Quantity.milliseconds(100, 86_400_000)).orElse(INTERVAL_MS));
  }
}
