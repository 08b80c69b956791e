package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.GetLedgerResponse;
import dev.shadowplane.control.v1.PortLedger;
import dev.shadowplane.control.v1.TargetLedger;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dataplane.telemetry.RuleLedger;
import io.grpc.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The ledger of a data plane's counters as the contract has it. */
final class Ledgers {
  private Ledgers() {}

  /**
   * Reads the ledger.
   *
   * @param rule its name; empty for all
   * @throws io.grpc.StatusRuntimeException NOT_FOUND when no rule of that name has counters
   */
  static GetLedgerResponse of(final CountersView view, final String rule) {
    final List<RuleLedger> rules =
        RuleLedger.read(view).stream()
            .filter(ledger -> rule.isEmpty() || ledger.rule().equals(rule))
            .toList();
    if (rules.isEmpty() && !rule.isEmpty()) {
      throw Status.NOT_FOUND
          .withDescription("no rule is called " + rule + ": list the rules to see their names")
          .asRuntimeException();
    }
    final GetLedgerResponse.Builder response =
        GetLedgerResponse.newBuilder().setEpoch(view.epoch());
    rules.forEach(ledger -> response.addRules(message(ledger)));
    final Map<String, PortLedger.Builder> ports = new LinkedHashMap<>();
    view.forEachTotal((id, typeId, label, value) -> {
      if (typeId == CounterTypes.PORT) {
        final String[] parts = label.split("\\.", 3);
        ports
            .computeIfAbsent(parts[1], name -> PortLedger.newBuilder().setPort(name))
            .putCounters(parts[2], value);
      }
    });
    ports.values().forEach(response::addPorts);
    return response.build();
  }

  private static dev.shadowplane.control.v1.RuleLedger message(final RuleLedger ledger) {
    final dev.shadowplane.control.v1.RuleLedger.Builder message =
        dev.shadowplane.control.v1.RuleLedger.newBuilder()
            .setRule(ledger.rule())
            .setMatched(ledger.matched())
            .setFiltered(ledger.filtered())
            .setExact(ledger.exact());
    for (final RuleLedger.Target target : ledger.targets()) {
      message.addTargets(
          TargetLedger.newBuilder()
              .setTarget(target.target())
              .setMirrored(target.mirrored())
              .putAllShed(target.shed()));
    }
    return message.build();
  }
}
