package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.ListRolesResponse;
import dev.shadowplane.control.v1.PortRole;
import dev.shadowplane.control.v1.Role;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Roles of shadow networks as the objects that the data plane's commands carry. */
final class RoleObject {
  private static final String PREFIX = "ROLE_";

  private RoleObject() {}

  static Map<String, Object> write(final PortRole role) {
    if (role.getRole() == Role.ROLE_UNSPECIFIED || role.getRole() == Role.UNRECOGNIZED) {
      throw Failures.invalid("role is not known: write ROLE_STANDBY");
    }
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("port", role.getPort());
    object.put("role", role.getRole().name().substring(PREFIX.length()).toLowerCase(Locale.ROOT));
    object.put("epoch", role.getEpoch());
    return object;
  }

  /** The data plane's answer to every command about roles. */
  static ListRolesResponse list(final Map<String, Object> reply) {
    return ListRolesResponse.newBuilder()
        .addAllRoles(read(new Fields("the list of roles", reply)))
        .build();
  }

  /** What is under the key {@code roles}; a role of a later data plane is unspecified. */
  static List<PortRole> read(final Fields fields) {
    return fields.list("roles").stream().map(RoleObject::role).toList();
  }

  private static PortRole role(final Object element) {
    final Fields fields = new Fields("a role", element);
    final PortRole.Builder role =
        PortRole.newBuilder().setPort(fields.text("port")).setEpoch(fields.whole("epoch"));
    for (final Role known : Role.values()) {
      if (known.name().equals(PREFIX + fields.text("role").toUpperCase(Locale.ROOT))) {
        role.setRole(known);
      }
    }
    return role.build();
  }
}
