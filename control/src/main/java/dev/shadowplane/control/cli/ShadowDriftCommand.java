package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.CompareShadowRequest;
import dev.shadowplane.control.v1.CompareShadowResponse;
import dev.shadowplane.control.v1.DriftEvent;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows how a shadow differs from production. */
@Command(
    name = "drift",
    description = {
      "Shows how a shadow differs from production: by design, as the template wants it; or because production or the"
          + " shadow is not as the template says.",
      "Below that, what was found to have changed by itself and was put right."
    })
final class ShadowDriftCommand implements Callable<Integer> {
  private static final List<String> COLUMNS = List.of("side", "what", "sentence");

  @Parameters(paramLabel = "NAME", description = "The shadow, or its network.")
  private String name;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    final CompareShadowResponse drift;
    try (ControlConnection connection = control.connect()) {
      drift =
          connection.callShadows(
              stub -> stub.compareShadow(CompareShadowRequest.newBuilder().setName(name).build()));
    }
    final Table table =
        new Table("differences", COLUMNS)
            .with("observed_ns", drift.getObservedNs())
            .with("events", drift.getEventsList().stream().map(Messages::object).toList());
    drift.getDifferencesList().forEach(difference -> table.add(Messages.object(difference)));
    output.print(table);
    for (final DriftEvent event : drift.getEventsList()) {
      output.note(
          ShadowTimes.text(event.getFoundNs())
              + "  "
              + Printable.line(String.join("; ", event.getSentencesList())));
    }
    return 0;
  }
}
