package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.DescribeShadowRequest;
import dev.shadowplane.control.v1.DescribeShadowResponse;
import dev.shadowplane.control.v1.DriftEvent;
import dev.shadowplane.control.v1.ShadowItem;
import dev.shadowplane.control.v1.ShadowMapping;
import dev.shadowplane.control.v1.ShadowRule;
import dev.shadowplane.control.v1.ShadowSummary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what is known of a network and its shadow. */
@Command(
    name = "describe",
    description = {
      "Shows what is known of a network and its shadow: items, mirror rules with their counts, problems.",
      "CSV has the items alone; JSON has the template too."
    })
final class ShadowDescribeCommand implements Callable<Integer> {
  private static final List<String> ITEM_COLUMNS = List.of("item", "health", "deviations");
  private static final List<String> RULE_COLUMNS =
      List.of("rule", "percent", "targets", "matched", "mirrored", "shed");

  @Parameters(paramLabel = "NAME", description = "The shadow, or its network.")
  private String name;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    final DescribeShadowResponse description;
    try (ControlConnection connection = control.connect()) {
      description =
          connection.callShadows(stub ->
              stub.describeShadow(DescribeShadowRequest.newBuilder().setName(name).build()));
    }
    final Table items =
        new Table("items", ITEM_COLUMNS)
            .with("summary", Messages.object(description.getSummary()))
            .with("mapping", mapping(description.getMapping()))
            .with("problems", List.copyOf(description.getProblemsList()))
            .with("observed_ns", description.getObservedNs())
            .with(
                "rules",
                description.getRulesList().stream().map(ShadowDescribeCommand::rule).toList())
            .with("events", description.getEventsList().stream().map(Messages::object).toList())
            .with("template", description.getTemplate())
            .hidingEmpty(List.of("deviations"));
    for (final ShadowItem item : description.getItemsList()) {
      items.add(Messages.present(item));
    }
    summary(description);
    output.print(items);
    if (description.getRulesCount() > 0) {
      final Table rules = new Table("rules", RULE_COLUMNS);
      description.getRulesList().forEach(rule -> rules.add(rule(rule)));
      output.note("");
      output.alsoText(rules);
    }
    return 0;
  }

  private void summary(final DescribeShadowResponse description) {
    final ShadowSummary summary = description.getSummary();
    output.note("network    " + summary.getNetwork() + ", version " + summary.getRevision());
    if (!summary.getShadow().isEmpty()) {
      output.note(
          "shadow     "
              + summary.getShadow()
              + ", "
              + summary.getShadowVms()
              + " of "
              + summary.getVms()
              + " VMs, mirroring "
              + (summary.getMirroring() ? "on" : "off"));
      final ShadowMapping mapping = description.getMapping();
      if (mapping.getStandInsCount() > 0) {
        output.note("stand-ins  " + String.join(", ", mapping.getStandInsList()));
      }
    }
    output.note("state      " + summary.getState());
    description
        .getProblemsList()
        .forEach(problem -> output.note("problem    " + Printable.line(problem)));
    for (final DriftEvent event : description.getEventsList().stream().limit(3).toList()) {
      output.note(
          "drift      "
              + ShadowTimes.text(event.getFoundNs())
              + "  "
              + Printable.line(String.join("; ", event.getSentencesList())));
    }
    output.note("");
  }

  private static Map<String, Object> mapping(final ShadowMapping mapping) {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("mirroring", mapping.getMirroring());
    object.put("identifiers", new java.util.TreeMap<>(mapping.getIdentifiersMap()));
    object.put("stand_ins", List.copyOf(mapping.getStandInsList()));
    object.put("services", List.copyOf(mapping.getServicesList()));
    return object;
  }

  private static Map<String, Object> rule(final ShadowRule rule) {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("rule", rule.getRule().getName());
    object.put("percent", rule.getRule().getPercent());
    object.put("targets", List.copyOf(rule.getRule().getTargetsList()));
    object.put("matched", rule.getMatched());
    object.put("mirrored", rule.getMirrored());
    object.put("shed", rule.getShed());
    return object;
  }
}
