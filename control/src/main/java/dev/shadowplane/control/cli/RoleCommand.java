package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ListRolesRequest;
import dev.shadowplane.control.v1.PortRole;
import dev.shadowplane.control.v1.Role;
import dev.shadowplane.control.v1.SetRoleRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives and lists the roles of shadow networks. */
@Command(
    name = "role",
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Gives and lists the roles of the shadow networks behind ports of the data plane.")
final class RoleCommand {
  private static final List<String> COLUMNS = List.of("port", "role", "epoch");

  @Spec private CommandSpec spec;

  /** The roles, as one types them. */
  enum Name {
    standby
  }

  @Command(name = "list", description = "Lists the role of each shadow network.")
  int list(@Mixin final ControlOption control, @Mixin final OutputOption output) throws Exception {
    final Table table = new Table("roles", COLUMNS);
    try (ControlConnection connection = control.connect()) {
      for (final PortRole role :
          connection
              .call(stub -> stub.listRoles(ListRolesRequest.getDefaultInstance()))
              .getRolesList()) {
        table.add(
            Map.of("port", role.getPort(), "role", text(role.getRole()), "epoch", role.getEpoch()));
      }
    }
    output.print(table);
    return 0;
  }

  @Command(
      name = "set",
      description =
          "Gives a shadow network a role, and waits until the data plane acts by it. Whoever gives an epoch that is not"
              + " higher than the present one is refused.",
      footer = {"", "Example: shadowplane role set shadow standby --epoch 2"})
  int set(
      @Parameters(paramLabel = "PORT", description = "The port of the shadow network.")
          final String port,
      @Parameters(paramLabel = "ROLE", description = "One of ${COMPLETION-CANDIDATES}.")
          final Name role,
      @Option(
              names = "--epoch",
              required = true,
              paramLabel = "N",
              description = "Higher than the present one, which 'role list' shows.")
          final long epoch,
      @Mixin final ControlOption control)
      throws Exception {
    final PortRole next =
        PortRole.newBuilder()
            .setPort(port)
            .setRole(Role.valueOf("ROLE_" + role.name().toUpperCase(Locale.ROOT)))
            .setEpoch(epoch)
            .build();
    try (ControlConnection connection = control.connect()) {
      connection.call(stub -> stub.setRole(SetRoleRequest.newBuilder().setRole(next).build()));
    }
    spec.commandLine().getOut().println(port + " is " + role + " since epoch " + epoch);
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** A role as one types it. */
  static String text(final Role role) {
    return switch (role) {
      case ROLE_STANDBY -> Name.standby.name();
      case ROLE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }
}
