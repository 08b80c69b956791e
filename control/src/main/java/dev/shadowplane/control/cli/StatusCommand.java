package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.v1.DataPlane;
import dev.shadowplane.control.v1.GetFlowGaugesRequest;
import dev.shadowplane.control.v1.GetFlowGaugesResponse;
import dev.shadowplane.control.v1.GetStatusRequest;
import dev.shadowplane.control.v1.GetStatusResponse;
import dev.shadowplane.control.v1.PortRole;
import dev.shadowplane.control.v1.Worker;
import dev.shadowplane.dataplane.ipfix.IpfixCounter;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the state of control and of the data plane. */
@Command(
    name = "status",
    description =
        "Shows the state of control and of the data plane, also while no data plane is attached.")
final class StatusCommand implements Callable<Integer> {
  private static final String IPFIX = "ipfix.";

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private SummaryFormat format;

  @Mixin private final ControlOption control = new ControlOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    final GetStatusResponse status;
    final GetFlowGaugesResponse gauges;
    try (ControlConnection connection = control.connect()) {
      status = connection.call(stub -> stub.getStatus(GetStatusRequest.getDefaultInstance()));
      gauges =
          connection.callAnalytics(
              stub -> stub.getFlowGauges(GetFlowGaugesRequest.getDefaultInstance()));
    }
    final PrintWriter out = spec.commandLine().getOut();
    if (format == SummaryFormat.json) {
      final Map<String, Object> object = Messages.object(status);
      object.put("gauges", new TreeMap<>(gauges.getGaugesMap()));
      object.put("records", new TreeMap<>(gauges.getRecordsMap()));
      out.println(Json.writePretty(object));
    } else {
      print(status, out);
      printFlows(gauges, out);
    }
    out.flush();
    return 0;
  }

  private static void print(final GetStatusResponse status, final PrintWriter out) {
    out.println(
        "control     version "
            + shown(status.getControlVersion())
            + ", process "
            + status.getControlPid());
    if (!status.getAttached()) {
      out.println("data plane  " + Printable.line(status.getDetail()));
      return;
    }
    final DataPlane dataPlane = status.getDataPlane();
    out.println(
        "data plane  "
            + shown(dataPlane.getState())
            + ", version "
            + shown(dataPlane.getVersion())
            + ", process "
            + dataPlane.getPid()
            + ", epoch "
            + dataPlane.getEpoch());
    out.println(
        "rules       " + dataPlane.getRuleCount() + ", version " + dataPlane.getRulesVersion());
    for (final Worker worker : dataPlane.getWorkersList()) {
      out.println(
          "worker      core "
              + worker.getCore()
              + ": "
              + Printable.line(String.join(", ", worker.getLinksList())));
    }
    for (final PortRole role : dataPlane.getRolesList()) {
      out.println(
          "shadow      "
              + Printable.line(role.getPort())
              + " "
              + RoleCommand.text(role.getRole())
              + ", epoch "
              + role.getEpoch());
    }
  }

  private static void printFlows(final GetFlowGaugesResponse gauges, final PrintWriter out) {
    final long taken = sum(gauges, ".taken");
    final long shed = sum(gauges, ".shed");
    out.println(
        "records     "
            + (taken + shed)
            + " offered, "
            + taken
            + " taken, "
            + shed
            + " shed; control has read "
            + gauge(gauges, "records-taken")
            + String.format(
                Locale.ROOT, " and lags %.3f ms", gauge(gauges, "analytics-lag-ns") / 1e6));
    out.println(
        "flows       "
            + gauge(gauges, "flows")
            + " of "
            + gauge(gauges, "flow-capacity")
            + "; "
            + gauge(gauges, "flows-ended")
            + " ended, of which "
            + gauge(gauges, "flows-evicted")
            + " evicted; "
            + gauge(gauges, "flows-missed-by-subscribers")
            + " missed by subscribers");
    printCollectors(gauges, out);
  }

  /** A line a collector, whose gauges are named {@code ipfix.TARGET.NAME}. */
  private static void printCollectors(final GetFlowGaugesResponse gauges, final PrintWriter out) {
    final String connected = "." + IpfixCounter.CONNECTED.text();
    for (final String name : new TreeSet<>(gauges.getGaugesMap().keySet())) {
      if (name.startsWith(IPFIX) && name.endsWith(connected)) {
        final String collector = name.substring(0, name.length() - connected.length());
        long missed = 0;
        for (final IpfixCounter counter : IpfixCounter.MISSED) {
          missed += gauge(gauges, collector + "." + counter.text());
        }
        out.println(
            "collector   "
                + Printable.line(collector.substring(IPFIX.length()))
                + (gauge(gauges, name) == 1 ? " connected; " : " away; ")
                + gauge(gauges, collector + "." + IpfixCounter.RECORDS.text())
                + " records sent, "
                + missed
                + " missed");
      }
    }
  }

  private static long gauge(final GetFlowGaugesResponse gauges, final String name) {
    return gauges.getGaugesOrDefault(name, 0);
  }

  private static long sum(final GetFlowGaugesResponse gauges, final String ending) {
    return gauges.getRecordsMap().entrySet().stream()
        .filter(record -> record.getKey().endsWith(ending))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static String shown(final String text) {
    return text.isEmpty() ? "unknown" : Printable.line(text);
  }
}
