package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ListReplicationsRequest;
import dev.shadowplane.control.v1.ReplicationStatus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows how the state of services is brought into shadows. */
@Command(
    name = "replication",
    description = "Shows how far shadows are with the state of production's services.",
    footer = {"", "Example: shadowplane replication shop-shadow"})
final class ReplicationCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "shadow", "name", "source", "mode", "state", "behind", "lag_ms", "p50_ms", "p99_ms",
          "changes", "failing", "refused", "reason");

  @Parameters(
      arity = "0..1",
      paramLabel = "SHADOW",
      defaultValue = "",
      description = "One shadow; default: all.")
  private String shadow;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    final Table table = new Table("replications", COLUMNS).hidingEmpty(List.of("reason"));
    final ListReplicationsRequest request =
        ListReplicationsRequest.newBuilder().setShadow(shadow).build();
    try (ControlConnection connection = control.connect()) {
      for (final ReplicationStatus replication :
          connection
              .callReplication(stub -> stub.listReplications(request))
              .getReplicationsList()) {
        table.add(row(replication));
      }
    }
    output.print(table);
    return 0;
  }

  private static Map<String, Object> row(final ReplicationStatus replication) {
    final Map<String, Object> row = Messages.object(replication);
    row.put("lag_ms", milliseconds(replication.getLagNs()));
    row.put("p50_ms", milliseconds(replication.getP50Ns()));
    row.put("p99_ms", milliseconds(replication.getP99Ns()));
    if (replication.getReason().isEmpty()) {
      row.remove("reason");
    }
    return row;
  }

  private static double milliseconds(final long nanoseconds) {
    return TimeUnit.NANOSECONDS.toMicros(nanoseconds) / 1e3;
  }
}
