package dev.shadowplane.control.template;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.model.Service.Criticality;
import dev.shadowplane.control.model.ServiceCheck;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes services of parts of a template. */
final class ServiceDecoder {
  /** In a template, what stands for a check that asks nothing. */
  static final String NO_CHECK = "none";

  private static final int CHECK_TIMEOUT_MS = 2_000;

  private ServiceDecoder() {}

  static Service service(final Part service) {
    final Protocol protocol = service.choice("protocol", Protocol.TCP);
    final List<String> command = service.texts("command");
    return new Service(
        service.text("name", ""),
        service.texts("vms"),
        protocol,
        service.integer("port", 0),
        command,
        environment(service),
        service.has("check")
            ? check(service.part("check"))
            : defaultCheck(protocol, command.isEmpty()),
        service.text("metrics", ""),
        service.choice("criticality", Criticality.MEDIUM),
        service.texts("depends-on"),
        service.text("data-class", ""));
  }

  private static Map<String, String> environment(final Part service) {
    final Map<String, String> variables = new TreeMap<>();
    service
        .named("environment")
        .forEach(
            (name, variable) -> variables.put(name, service.problems().written(variable.place())));
    return variables;
  }

  private static @Nullable ServiceCheck check(final Part check) {
    if (check.text("kind", NO_CHECK).equals(NO_CHECK)) {
      return null;
    }
    final ServiceCheck.Kind kind = check.choice("kind", ServiceCheck.Kind.PROCESS);
    return new ServiceCheck(
        kind,
        check.text("path", kind == ServiceCheck.Kind.HTTP ? "/" : ""),
        check
            .parsed("timeout", Quantity.milliseconds(10, 60_000))
            .orElse((long) CHECK_TIMEOUT_MS)
            .intValue());
  }

  private static @Nullable ServiceCheck defaultCheck(
      final Protocol protocol, final boolean withoutCommand) {
    if (withoutCommand) {
      return null;
    }
    final ServiceCheck.Kind kind =
        protocol == Protocol.TCP ? ServiceCheck.Kind.TCP : ServiceCheck.Kind.PROCESS;
    return new ServiceCheck(kind, "", CHECK_TIMEOUT_MS);
  }
}
