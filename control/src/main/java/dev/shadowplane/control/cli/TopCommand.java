package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.AggregateMessages;
import dev.shadowplane.control.v1.Aggregate;
import dev.shadowplane.control.v1.AggregateKind;
import dev.shadowplane.control.v1.AggregateOrder;
import dev.shadowplane.control.v1.AggregateQuery;
import dev.shadowplane.control.v1.AggregateReport;
import dev.shadowplane.control.v1.ListAggregatesRequest;
import dev.shadowplane.control.v1.WatchAggregatesRequest;
import dev.shadowplane.control.v1.WatchAggregatesResponse;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Shows the largest sums of the traffic, live or of a capture file. */
@Command(
    name = "top",
    description = {
      "Shows which hosts, pairs, subnets, networks, rules or ports have most of the traffic, live or"
          + " in a capture file.",
      "A sum that is not exact is followed by how much more it may be."
    },
    footer = {"", "Example: shadowplane top hosts --window 10m --order packets"})
final class TopCommand implements Callable<Integer> {
  private static final Map<String, AggregateKind> KINDS = kinds();
  private static final List<String> COLUMNS =
      List.of(
          "name",
          "peer",
          "packets",
          "packets_error",
          "bytes",
          "bytes_error",
          "flows",
          "flows_error",
          "sent_packets",
          "sent_bytes",
          "received_packets",
          "received_bytes",
          "flows_now",
          "sources",
          "destinations",
          "ports",
          "pairs");
  private static final List<String> OFTEN_EMPTY =
      List.of(
          "peer",
          "packets_error",
          "bytes_error",
          "flows_error",
          "flows_now",
          "sources",
          "destinations",
          "ports",
          "pairs");

  /** By what measure a sum is large. */
  enum Order {
    bytes(AggregateOrder.AGGREGATE_ORDER_BYTES),
    packets(AggregateOrder.AGGREGATE_ORDER_PACKETS),
    flows(AggregateOrder.AGGREGATE_ORDER_FLOWS);

    private final AggregateOrder order;

    Order(final AggregateOrder order) {
      this.order = order;
    }
  }

  /** Reads what is to be summed up. */
  static final class KindText implements ITypeConverter<AggregateKind> {
    @Override
    public AggregateKind convert(final String text) {
      final AggregateKind kind = KINDS.get(text);
      if (kind == null) {
        throw new TypeConversionException(
            "'" + text + "' cannot be summed up: name one of " + String.join(", ", KINDS.keySet()));
      }
      return kind;
    }
  }

  @Parameters(
      paramLabel = "WHAT",
      converter = KindText.class,
      description = {
        "hosts: addresses; pairs: two addresses that talk; vm-pairs: the same by MAC address;",
        "subnets: those of control's configuration, or each /24 and /64; networks: VLAN and VNI;",
        "rules: that decided; ports: of servers, with their protocol."
      })
  private AggregateKind kind;

  @Option(
      names = "--order",
      defaultValue = "bytes",
      description = "The largest by one of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Order order;

  @Option(
      names = "--limit",
      defaultValue = "20",
      paramLabel = "N",
      description = "How many, 1 to 1,000; default ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--window",
      paramLabel = "TIME",
      converter = DurationText.class,
      description =
          "The latest so many whole minutes and the one that lasts, 1m to 60m; default 1m, and with"
              + " --pcap everything.")
  private @Nullable Long windowNs;

  @Option(names = "--all", description = "Everything since control started.")
  private boolean everything;

  @Option(names = "--watch", description = "Show them again and again until interrupted.")
  private boolean watch;

  @Option(
      names = "--interval-ms",
      defaultValue = "1000",
      paramLabel = "MS",
      description = "Between two views with --watch, 100 to 60,000; default ${DEFAULT-VALUE}.")
  private int intervalMs;

  @Option(
      names = "--pcap",
      paramLabel = "FILE",
      description = "A pcap or pcapng file, in place of live traffic; control is not asked.")
  private @Nullable Path pcap;

  @Mixin private final CaptureMatch match = new CaptureMatch();
  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ControlOption control = new ControlOption();

  @Override
  public Integer call() throws Exception {
    final AggregateQuery query = query();
    if (pcap != null) {
      if (watch) {
        throw CommandFailure.input("--watch follows live traffic: leave it out with --pcap");
      }
      print(CaptureAggregates.report(pcap, match.match(), AggregateMessages.question(query)));
      return 0;
    }
    match.refuseLive();
    try (ControlConnection connection = control.connect()) {
      if (watch) {
        final WatchAggregatesRequest request =
            WatchAggregatesRequest.newBuilder().setQuery(query).setIntervalMs(intervalMs).build();
        connection.streamAnalytics(stub -> {
          final Iterator<WatchAggregatesResponse> reports = stub.watchAggregates(request);
          while (reports.hasNext()) {
            final AggregateReport report = reports.next().getReport();
            output.printNext(table(report));
            output.note(total(report));
          }
        });
      } else {
        final ListAggregatesRequest request =
            ListAggregatesRequest.newBuilder().setQuery(query).build();
        print(connection.callAnalytics(stub -> stub.listAggregates(request)).getReport());
      }
    }
    return 0;
  }

  private void print(final AggregateReport report) {
    output.print(table(report));
    output.note(total(report));
  }

  private static String total(final AggregateReport report) {
    final Aggregate total = report.getTotal();
    return String.format(
        Locale.ROOT,
        "%d of %d, %.0f s; in total %d packets, %d bytes, %d flows; in no sum of its own: %d bytes",
        report.getAggregatesCount(),
        report.getKeys(),
        (report.getToNs() - report.getFromNs()) / 1e9,
        total.getPackets(),
        total.getBytes(),
        total.getFlows(),
        report.getUntracked().getBytes());
  }

  private AggregateQuery query() throws CommandFailure {
    if (limit < 1 || limit > 1_000) {
      throw CommandFailure.input("--limit is " + limit + ": write 1 to 1000");
    }
    if (everything && windowNs != null) {
      throw CommandFailure.input("--all and --window exclude each other: leave one out");
    }
    final AggregateQuery.Builder query =
        AggregateQuery.newBuilder().setKind(kind).setOrder(order.order).setLimit(limit);
    if (windowNs == null) {
      return query.setWindowMinutes(1).setEverything(everything || pcap != null).build();
    }
    final long minuteNs = TimeUnit.MINUTES.toNanos(1);
    if (windowNs % minuteNs != 0 || windowNs > 60 * minuteNs) {
      throw CommandFailure.input("--window takes whole minutes: write 1m to 60m");
    }
    return query.setWindowMinutes((int) (windowNs / minuteNs)).build();
  }

  private Table table(final AggregateReport report) {
    final Table table =
        new Table("aggregates", COLUMNS)
            .hidingEmpty(OFTEN_EMPTY)
            .with("from_ns", report.getFromNs())
            .with("to_ns", report.getToNs())
            .with("total", row(report.getTotal()))
            .with("keys", report.getKeys())
            .with("untracked", row(report.getUntracked()));
    report.getAggregatesList().forEach(aggregate -> table.add(row(aggregate)));
    return table;
  }

  private static Map<String, Object> row(final Aggregate aggregate) {
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", aggregate.getName());
    if (!aggregate.getPeer().isEmpty()) {
      row.put("peer", aggregate.getPeer());
    }
    row.put("packets", aggregate.getPackets());
    putPositive(row, "packets_error", aggregate.getPacketsError());
    row.put("bytes", aggregate.getBytes());
    putPositive(row, "bytes_error", aggregate.getBytesError());
    row.put("flows", aggregate.getFlows());
    putPositive(row, "flows_error", aggregate.getFlowsError());
    row.put("sent_packets", aggregate.getSentPackets());
    row.put("sent_bytes", aggregate.getSentBytes());
    row.put("received_packets", aggregate.getReceivedPackets());
    row.put("received_bytes", aggregate.getReceivedBytes());
    if (aggregate.hasFlowsNow()) {
      row.put("flows_now", aggregate.getFlowsNow());
    }
    if (aggregate.hasDistinct()) {
      row.put("sources", aggregate.getDistinct().getSources().getCount());
      row.put("destinations", aggregate.getDistinct().getDestinations().getCount());
      row.put("ports", aggregate.getDistinct().getPorts().getCount());
      row.put("pairs", aggregate.getDistinct().getPairs().getCount());
    }
    return row;
  }

  private static void putPositive(
      final Map<String, Object> row, final String key, final long value) {
    if (value > 0) {
      row.put(key, value);
    }
  }

  private static Map<String, AggregateKind> kinds() {
    final Map<String, AggregateKind> kinds = new LinkedHashMap<>();
    for (final AggregateKind kind : AggregateKind.values()) {
      if (kind != AggregateKind.AGGREGATE_KIND_UNSPECIFIED && kind != AggregateKind.UNRECOGNIZED) {
        final String name = kind.name().substring("AGGREGATE_KIND_".length());
        kinds.put(name.toLowerCase(Locale.ROOT).replace('_', '-') + "s", kind);
      }
    }
    return kinds;
  }
}
