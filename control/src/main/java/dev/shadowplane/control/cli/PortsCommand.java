package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ListPortsRequest;
import dev.shadowplane.control.v1.Port;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the ports of the data plane. */
@Command(name = "ports", description = "Lists the ports of the data plane.")
final class PortsCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "name",
          "device",
          "driver",
          "mac",
          "mtu",
          "link_up",
          "speed_mbps",
          "rx_descriptors",
          "tx_descriptors");

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    final Table table = new Table("ports", COLUMNS);
    try (ControlConnection connection = control.connect()) {
      for (final Port port :
          connection
              .call(stub -> stub.listPorts(ListPortsRequest.getDefaultInstance()))
              .getPortsList()) {
        table.add(Messages.object(port));
      }
    }
    output.print(table);
    return 0;
  }
}
