package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.GetLedgerRequest;
import dev.shadowplane.control.v1.GetLedgerResponse;
import dev.shadowplane.control.v1.RuleLedger;
import dev.shadowplane.control.v1.TargetLedger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what became of every packet that a rule decided about. */
@Command(
    name = "ledger",
    description = {
      "Shows what became of every packet that a rule decided about: matched = filtered + mirrored +",
      "everything shed, for each target, exact to the packet. JSON has the ports' counters beside it."
    })
final class LedgerCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("rule", "target", "matched", "filtered", "mirrored", "shed", "reasons", "exact");

  @Option(names = "--rule", paramLabel = "NAME", defaultValue = "", description = "This one only.")
  private String rule;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    final GetLedgerResponse response;
    try (ControlConnection connection = control.connect()) {
      response =
          connection.call(
              stub -> stub.getLedger(GetLedgerRequest.newBuilder().setRule(rule).build()));
    }
    final Table table = new Table("rules", COLUMNS).with("epoch", response.getEpoch());
    final Map<String, Object> ports = new LinkedHashMap<>();
    response
        .getPortsList()
        .forEach(port -> ports.put(port.getPort(), new TreeMap<>(port.getCountersMap())));
    table.with("ports", ports);
    for (final RuleLedger ledger : response.getRulesList()) {
      if (ledger.getTargetsCount() == 0) {
        table.add(row(ledger, TargetLedger.getDefaultInstance()));
      }
      ledger.getTargetsList().forEach(target -> table.add(row(ledger, target)));
    }
    output.print(table);
    return 0;
  }

  private static Map<String, Object> row(final RuleLedger ledger, final TargetLedger target) {
    final Map<String, Long> reasons = new TreeMap<>(target.getShedMap());
    reasons.values().removeIf(count -> count == 0);
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("rule", ledger.getRule());
    row.put("target", target.getTarget());
    row.put("matched", ledger.getMatched());
    row.put("filtered", ledger.getFiltered());
    row.put("mirrored", target.getMirrored());
    row.put("shed", reasons.values().stream().mapToLong(Long::longValue).sum());
    row.put("reasons", reasons);
    row.put("exact", ledger.getExact());
    return row;
  }
}
