package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ListShadowsRequest;
import dev.shadowplane.control.v1.ShadowSummary;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists networks and their shadows. */
@Command(name = "list", description = "Lists networks and their shadows.")
final class ShadowListCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "network",
          "shadow",
          "state",
          "mirroring",
          "revision",
          "vms",
          "shadow_vms",
          "services",
          "rules",
          "problem");

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    final Table table = new Table("shadows", COLUMNS).hidingEmpty(List.of("problem"));
    try (ControlConnection connection = control.connect()) {
      for (final ShadowSummary shadow :
          connection
              .callShadows(stub -> stub.listShadows(ListShadowsRequest.getDefaultInstance()))
              .getShadowsList()) {
        table.add(Messages.present(shadow));
      }
    }
    output.print(table);
    return 0;
  }
}
