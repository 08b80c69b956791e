package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.ForwardPair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a data plane says of itself. */
final class StatusReport {
  private StatusReport() {}

  static Map<String, Object> of(DataPlaneConfig config, RuleManager rules, RoleManager roles) {
    final Map<String, Object> status = new LinkedHashMap<>();
    final String version = DataPlane.class.getPackage().getImplementationVersion();
    status.put("version", version == null ? "development" : version);
    status.put("state", "forwarding");
    status.put("rules-version", rules.current().version());
    final List<Map<String, Object>> workers =
        config.workers().stream()
            .map(worker ->
                Map.<String, Object>of(
                    "core",
                    worker.core(),
                    "links",
                    worker.pairs().stream().map(ForwardPair::toString).toList()))
            .toList();
    status.put("workers", workers);
    status.put("roles", roles.describe());
    return status;
  }
}
