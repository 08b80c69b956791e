package dev.shadowplane.dataplane.config;

import java.util.Optional;

/**
 * What packet records hold.
 *
 * @param profile how much
 * @param inner whether the packet that VXLAN or Geneve carries is recorded instead of the one that
 *     carries it
 */
public record RecordsConfig(Profile profile, boolean inner) {
  /** Every packet as fully as analytics keeps up with, tunnels as they are. */
  public static final RecordsConfig DEFAULT = new RecordsConfig(Profile.ADAPTIVE, false);

  /** How much a record holds. */
  public enum Profile {
    /** Addresses, ports, lengths and flags. */
    LEAN,
    /** Also all that the statistics of flows need. */
    FULL,
    /** Full until analytics falls behind, then full for some flows and lean for the others. */
    ADAPTIVE
  }

  /**
   * Reads the key {@code records}.
   *
   * @param root where it may be
   * @return empty when there are to be no records
   * @throws ConfigException naming source, line, value and remedy
   */
  static Optional<RecordsConfig> read(YamlReader root) {
    if (root.isText("records")) {
      return root.bool("records", true) ? Optional.of(DEFAULT) : Optional.empty();
    }
    return Optional.of(root.mapping("records").map(RecordsConfig::of).orElse(DEFAULT));
  }

  private static RecordsConfig of(YamlReader reader) {
    final RecordsConfig config =
        new RecordsConfig(
            reader
                .optional(
                    "profile",
                    text ->
                        switch (text) {
                          case "lean" -> Profile.LEAN;
                          case "full" -> Profile.FULL;
                          case "adaptive" -> Profile.ADAPTIVE;
                          default ->
                              throw new IllegalArgumentException("give lean, full or adaptive");
                        })
                .orElse(Profile.ADAPTIVE),
            reader.bool("inner", false));
    reader.done();
    return config;
  }
}
