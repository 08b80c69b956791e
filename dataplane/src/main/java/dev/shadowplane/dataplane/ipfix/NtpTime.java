package dev.shadowplane.dataplane.ipfix;

/**
 * Times as IPFIX writes nanoseconds: the 64 bits of NTP (RFC 7011, section 6.1.10; RFC 5905),
 * seconds since 1900 and a binary fraction.
 */
final class NtpTime {
  /** From 1900 to 1970, with 17 leap days. */
  private static final long EPOCH_SECONDS = (70 * 365 + 17) * 86_400L;

  private static final long SECOND_NS = 1_000_000_000L;

  private NtpTime() {}

  /**
   * Converts a time. The fraction is rounded up: whoever truncates the way back, and whoever
   * rounds, gets the same nanosecond again.
   *
   * @param epochNs ns since 1970; seconds beyond 2036-02-07 06:28:15 UTC begin again at 0, the next
   *     era
   * @return seconds in the upper 32 bits, their fraction in units of 2^-32 s in the lower
   */
  static long of(long epochNs) {
    final long seconds = Math.floorDiv(epochNs, SECOND_NS);
    final long ns = Math.floorMod(epochNs, SECOND_NS);
    final long fraction = ((ns << 32) + SECOND_NS - 1) / SECOND_NS;
    return (seconds + EPOCH_SECONDS) << 32 | fraction;
  }
}
