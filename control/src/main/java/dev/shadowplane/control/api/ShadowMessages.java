package dev.shadowplane.control.api;

import dev.shadowplane.control.model.Mapping;
import dev.shadowplane.control.shadow.Change;
import dev.shadowplane.control.shadow.Description;
import dev.shadowplane.control.shadow.Drift;
import dev.shadowplane.control.shadow.DriftEvent;
import dev.shadowplane.control.shadow.Report;
import dev.shadowplane.control.shadow.Summary;
import dev.shadowplane.control.shadow.TemplateVersion;
import dev.shadowplane.control.v1.CompareShadowResponse;
import dev.shadowplane.control.v1.DescribeShadowResponse;
import dev.shadowplane.control.v1.ShadowChange;
import dev.shadowplane.control.v1.ShadowDifference;
import dev.shadowplane.control.v1.ShadowItem;
import dev.shadowplane.control.v1.ShadowMapping;
import dev.shadowplane.control.v1.ShadowReport;
import dev.shadowplane.control.v1.ShadowRule;
import dev.shadowplane.control.v1.ShadowSummary;
import dev.shadowplane.dataplane.config.RuleWriter;
import java.util.Locale;
import java.util.TreeMap;

/** What is known of shadows as messages of the contract. */
final class ShadowMessages {
  private ShadowMessages() {}

  static ShadowReport of(final Report report) {
    final ShadowReport.Builder message =
        ShadowReport.newBuilder()
            .setNetwork(report.network())
            .setRevision(report.revision())
            .addAllProblems(report.problems())
            .addAllWaiting(report.waiting());
    for (final Change change : report.changes()) {
      message.addChanges(
          ShadowChange.newBuilder()
              .setAction(word(change.action()))
              .setWhat(change.what())
              .addAllDifferences(change.differences())
              .setProblem(change.problem()));
    }
    return message.build();
  }

  static ShadowSummary of(final Summary summary) {
    return ShadowSummary.newBuilder()
        .setNetwork(summary.network())
        .setShadow(summary.shadow())
        .setState(word(summary.state()))
        .setMirroring(summary.mirroring())
        .setRevision(summary.revision())
        .setVms(summary.vms())
        .setShadowVms(summary.shadowVms())
        .setServices(summary.services())
        .setRules(summary.rules())
        .setProblem(summary.problem())
        .build();
  }

  static DescribeShadowResponse of(final Description description) {
    final DescribeShadowResponse.Builder message =
        DescribeShadowResponse.newBuilder()
            .setSummary(of(description.summary()))
            .setTemplate(description.template())
            .addAllProblems(description.problems())
            .setObservedNs(description.observedAtNs());
    if (description.mapping() != null) {
      message.setMapping(of(description.mapping(), description.summary().mirroring()));
    }
    for (final Description.ItemState item : description.items()) {
      message.addItems(
          ShadowItem.newBuilder()
              .setItem(item.key().toString())
              .setHealth(word(item.health()))
              .addAllDeviations(item.deviations()));
    }
    for (final Description.CountedRule counted : description.rules()) {
      message.addRules(
          ShadowRule.newBuilder()
              .setRule(RuleObject.read(Json.object(RuleWriter.write(counted.rule()))))
              .setMatched(counted.matched())
              .setMirrored(counted.mirrored())
              .setShed(counted.shed()));
    }
    description.events().forEach(event -> message.addEvents(of(event)));
    return message.build();
  }

  private static ShadowMapping of(final Mapping mapping, final boolean mirroring) {
    return ShadowMapping.newBuilder()
        .setMirroring(mirroring)
        .putAllIdentifiers(new TreeMap<>(mapping.identifiers()))
        .addAllStandIns(mapping.standIns())
        .addAllServices(mapping.services())
        .build();
  }

  static CompareShadowResponse of(final Drift drift) {
    final CompareShadowResponse.Builder message =
        CompareShadowResponse.newBuilder().setObservedNs(drift.observedAtNs());
    for (final Drift.Difference difference : drift.differences()) {
      message.addDifferences(
          ShadowDifference.newBuilder()
              .setSide(word(difference.side()))
              .setWhat(difference.what())
              .setSentence(difference.sentence()));
    }
    drift.events().forEach(event -> message.addEvents(of(event)));
    return message.build();
  }

  static dev.shadowplane.control.v1.TemplateVersion of(final TemplateVersion version) {
    return dev.shadowplane.control.v1.TemplateVersion.newBuilder()
        .setRevision(version.revision())
        .setAppliedNs(version.atNs())
        .setAction(word(version.action()))
        .addAllDifferences(version.differences())
        .build();
  }

  private static dev.shadowplane.control.v1.DriftEvent of(final DriftEvent event) {
    return dev.shadowplane.control.v1.DriftEvent.newBuilder()
        .setFoundNs(event.atNs())
        .addAllSentences(event.sentences())
        .build();
  }

  private static String word(final Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
