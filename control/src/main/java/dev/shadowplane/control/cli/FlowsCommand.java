package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.control.v1.ListFlowsRequest;
import dev.shadowplane.control.v1.WatchFlowsRequest;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the largest flows. */
@Command(name = "flows", description = "Shows the largest flows, both directions of each.")
final class FlowsCommand implements Callable<Integer> {
  private static final List<String> TEXT_COLUMNS =
      List.of(
          "source",
          "source_port",
          "destination",
          "destination_port",
          "protocol",
          "vlan",
          "forward.packets",
          "forward.bytes",
          "reverse.packets",
          "reverse.bytes");
  private static final List<String> CSV_COLUMNS =
      Stream.concat(
              TEXT_COLUMNS.stream(),
              Stream.of(
                  "forward.first_ns",
                  "forward.last_ns",
                  "forward.tcp_flags",
                  "reverse.first_ns",
                  "reverse.last_ns",
                  "reverse.tcp_flags"))
          .toList();

  /** By what measure a flow is large. */
  enum Order {
    bytes(FlowOrder.FLOW_ORDER_BYTES),
    packets(FlowOrder.FLOW_ORDER_PACKETS),
    recent(FlowOrder.FLOW_ORDER_RECENT);

    private final FlowOrder order;

    Order(final FlowOrder order) {
      this.order = order;
    }
  }

  @Option(
      names = "--limit",
      defaultValue = "20",
      paramLabel = "N",
      description = "How many, 1 to 1,000; default ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--order",
      defaultValue = "bytes",
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Order order;

  @Option(
      names = "--watch",
      description = "Show them again and again until interrupted; JSON is one object a line.")
  private boolean watch;

  @Option(
      names = "--interval-ms",
      defaultValue = "1000",
      paramLabel = "MS",
      description = "Between two views with --watch, 100 to 60,000; default ${DEFAULT-VALUE}.")
  private int intervalMs;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    try (ControlConnection connection = control.connect()) {
      if (watch) {
        final WatchFlowsRequest request =
            WatchFlowsRequest.newBuilder()
                .setLimit(limit)
                .setOrder(order.order)
                .setIntervalMs(intervalMs)
                .build();
        connection.stream(stub ->
            stub.watchFlows(request)
                .forEachRemaining(next -> output.printNext(table(next.getSnapshot()))));
      } else {
        final ListFlowsRequest request =
            ListFlowsRequest.newBuilder().setLimit(limit).setOrder(order.order).build();
        output.print(table(connection.call(stub -> stub.listFlows(request)).getSnapshot()));
      }
    }
    return 0;
  }

  private static Table table(final FlowSnapshot snapshot) {
    final Table table =
        new Table("flows", TEXT_COLUMNS, CSV_COLUMNS)
            .with("time_ns", snapshot.getTimeNs())
            .with("active_flows", snapshot.getActiveFlows());
    for (final Flow flow : snapshot.getFlowsList()) {
      table.add(Messages.object(flow));
    }
    return table;
  }
}
