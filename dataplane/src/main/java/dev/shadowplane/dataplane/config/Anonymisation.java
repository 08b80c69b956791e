package dev.shadowplane.dataplane.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How frames are made anonymous before they are stored or handed out.
 *
 * @param name what rules call it
 * @param keyFile holds 32 bytes as 64 hexadecimal digits; frames that were changed under one key
 *     can be compared with one another
 * @param addresses whether IPv4 and IPv6 addresses are replaced, by Crypto-PAn
 * @param keep prefixes whose addresses stay as they are; what other addresses have in common with
 *     them stays too, since prefixes are preserved
 * @param macs what becomes of MAC addresses
 * @param payload what becomes of all that follows the headers that are understood
 */
public record Anonymisation(
    String name, Path keyFile, boolean addresses, List<IpPrefix> keep, Macs macs, Payload payload) {
  /** Multicast groups that everybody knows: those of IPv4, and the permanent ones of IPv6. */
  public static final List<IpPrefix> KEEP_MULTICAST =
      List.of(IpPrefix.of("224.0.0.0/4"), IpPrefix.of("ff00::/12"));

  /** The most prefixes to keep. */
  public static final int MAX_KEEP = 256;

  /** The most anonymisations of a data plane. */
  public static final int MAX_SETS = 255;

  /** What becomes of MAC addresses. Broadcast and zero always stay. */
  public enum Macs {
    /** Replaced, but for the bits that tell a group's and a local address. */
    HASH,
    /** Replaced behind the three bytes that tell the vendor. */
    HASH_KEEP_OUI,
    /** Left as they are. */
    KEEP;

    @Override
    public String toString() {
      return word(this);
    }
  }

  /** What becomes of all that follows the headers that are understood. */
  public enum Payload {
    /** Left as it is, addresses that applications write there included. */
    KEEP,
    /** Zeros of the same length. */
    BLANK,
    /** Cut off, as by a snap length. */
    DROP;

    @Override
    public String toString() {
      return word(this);
    }
  }

  /** Copies the list. */
  public Anonymisation {
    keep = List.copyOf(keep);
  }

  /**
   * What is done, for the comment of a capture; names neither key nor file.
   *
   * @return one line
   */
  public String summary() {
    return "addresses: "
        + (addresses ? "crypto-pan" : "keep")
        + ", macs: "
        + macs
        + ", payload: "
        + payload;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
