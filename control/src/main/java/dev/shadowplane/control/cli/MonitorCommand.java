package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.UsageRow;
import dev.shadowplane.control.v1.VmUsage;
import dev.shadowplane.control.v1.WatchUsageRequest;
import dev.shadowplane.control.v1.WatchUsageResponse;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a production network and its shadow use. */
@Command(
    name = "monitor",
    description = {
      "Shows what the VMs of a production network and of its shadow use, side by side: CPU and memory, of what they may"
          + " have, and bytes received and sent a second.",
      "The first line is the networks as a whole. What is not known is empty."
    },
    footer = {"", "Example: shadowplane monitor shop --watch"})
final class MonitorCommand implements Callable<Integer> {
  private static final String SHADOW = "shadow_";
  private static final List<String> COLUMNS =
      List.of(
          "vm",
          "cpu_percent",
          "shadow_cpu_percent",
          "memory_bytes",
          "shadow_memory_bytes",
          "received_bytes",
          "shadow_received_bytes",
          "sent_bytes",
          "shadow_sent_bytes");
  private static final double PERCENT = 100;
  private static final double TENTHS = 10;

  @Parameters(paramLabel = "NETWORK", description = "A production network or a shadow.")
  private String network;

  @Option(names = "--watch", description = "Show it again and again until interrupted.")
  private boolean watch;

  @Option(
      names = "--interval-ms",
      defaultValue = "1000",
      paramLabel = "MS",
      description = "Between two views with --watch, 100 to 60,000; default ${DEFAULT-VALUE}.")
  private int intervalMs;

  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ControlOption control = new ControlOption();

  @Override
  public Integer call() throws Exception {
    try (ControlConnection connection = control.connect()) {
      connection.streamMonitoring(stub -> {
        final Iterator<WatchUsageResponse> reports =
            stub.watchUsage(
                WatchUsageRequest.newBuilder()
                    .setNetwork(network)
                    .setIntervalMs(intervalMs)
                    .build());
        boolean more = true;
        while (more && reports.hasNext()) {
          final WatchUsageResponse report = reports.next();
          if (watch) {
            output.printNext(table(report));
          } else if (report.getSecond() > 0) {
            output.print(table(report));
            more = false;
          }
        }
      });
    }
    return 0;
  }

  private static Table table(final WatchUsageResponse report) {
    final Table table =
        new Table("vms", COLUMNS)
            .with("second", report.getSecond())
            .with("network", report.getPrimary())
            .with("shadow", report.getShadow());
    for (final UsageRow usage : report.getRowsList()) {
      final Map<String, Object> row = new LinkedHashMap<>();
      row.put("vm", usage.getVm().isEmpty() ? "*" : usage.getVm());
      if (usage.hasPrimary()) {
        put(row, "", usage.getPrimary());
      }
      if (usage.hasShadow()) {
        put(row, SHADOW, usage.getShadow());
      }
      table.add(row);
    }
    return table;
  }

  private static void put(final Map<String, Object> row, final String prefix, final VmUsage usage) {
    if (usage.hasCpuUtilisation()) {
      row.put(prefix + "cpu_percent", percent(usage.getCpuUtilisation()));
    }
    Messages.present(usage)
        .forEach((name, value) -> {
          if (name.endsWith("_bytes") || name.endsWith("_packets")) {
            row.put(prefix + name, Math.round((Double) value));
          } else {
            row.put(prefix + name, value);
          }
        });
  }

  private static double percent(final double share) {
    return Math.round(share * PERCENT * TENTHS) / TENTHS;
  }
}
