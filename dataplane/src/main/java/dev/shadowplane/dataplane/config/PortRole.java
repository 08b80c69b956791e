package dev.shadowplane.dataplane.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The role of the shadow network behind a port, as of an epoch: a number that only grows, so that
 * of two who give roles the one who knows less is refused.
 *
 * @param port the name of a port of a shadow network
 * @param role what it is
 * @param epoch 0, as long as nobody has given a role, to {@link #MAX_EPOCH}
 */
public record PortRole(String port, Role role, long epoch) {
  /** The highest epoch. */
  public static final long MAX_EPOCH = 1_000_000_000_000L;

  /**
   * Reads one.
   *
   * @param reader its mapping, of which nothing else is taken
   * @return the role
   * @throws ConfigException naming field and reason
   */
  public static PortRole read(YamlReader reader) {
    final String port = reader.text("port");
    if (!RuleReader.NAME.matcher(port).matches()) {
      throw reader.refuse("port", port, RuleReader.NAME_REMEDY);
    }
    final PortRole role =
        new PortRole(
            port,
            reader
                .optional("role", Role::of)
                .orElseThrow(() -> reader.refuse("role", "is missing: give standby")),
            reader
                .optional("epoch", text -> YamlReader.wholeNumber(text, 1, MAX_EPOCH))
                .orElseThrow(() -> reader.refuse("epoch", "is missing: give a whole number")));
    reader.done();
    return role;
  }

  /**
   * What {@link #read} reads.
   *
   * @return its fields, as {@link Json} writes them
   */
  public Map<String, Object> object() {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("port", port);
    object.put("role", role.toString());
    object.put("epoch", epoch);
    return object;
  }
}
