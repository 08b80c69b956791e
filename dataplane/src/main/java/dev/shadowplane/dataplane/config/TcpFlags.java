package dev.shadowplane.dataplane.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Flags of TCP (RFC 9293) that are to be set and others that are not.
 *
 * @param mask those that matter, as in the header's flags byte
 * @param value those of them that are set
 */
public record TcpFlags(int mask, int value) {
  private static final List<String> NAMES =
      List.of("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr");

  /**
   * Reads them.
   *
   * @param text names with commas between, those with ! in front not set, as in {@code syn,!ack}
   * @return the flags
   * @throws IllegalArgumentException when a name is unknown or there twice
   */
  public static TcpFlags of(String text) {
    int mask = 0;
    int value = 0;
    for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
      final boolean unset = part.strip().startsWith("!");
      final int bit = NAMES.indexOf(unset ? part.strip().substring(1).strip() : part.strip());
      if (bit < 0 || (mask & 1 << bit) != 0) {
        throw new IllegalArgumentException(
            "give some of "
                + String.join(", ", NAMES)
                + ", each once, ! in front of those not set");
      }
      mask |= 1 << bit;
      value |= unset ? 0 : 1 << bit;
    }
    return new TcpFlags(mask, value);
  }

  @Override
  public String toString() {
    final List<String> parts = new ArrayList<>();
    for (int bit = 0; bit < NAMES.size(); bit++) {
      if ((mask & 1 << bit) != 0) {
        parts.add(((value & 1 << bit) != 0 ? "" : "!") + NAMES.get(bit));
      }
    }
    return String.join(",", parts);
  }
}
