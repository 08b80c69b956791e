package dev.shadowplane.dataplane.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.IpPrefix;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CryptoPanTest {
  /** The key of the sample in the reference implementation's distribution. */
  static final byte[] REFERENCE_KEY =
      HexFormat.of().parseHex("1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202");

  private static final int MANY = 200_000;

  /** Of its sample trace; those of IPv6 are what other implementations agree on. */
  private static final Map<String, String> REFERENCE =
      Map.ofEntries(
          Map.entry("128.11.68.132", "135.242.180.132"),
          Map.entry("129.118.74.4", "134.136.186.123"),
          Map.entry("130.132.252.244", "133.68.164.234"),
          Map.entry("141.223.7.43", "141.167.8.160"),
          Map.entry("152.163.225.39", "151.140.114.167"),
          Map.entry("156.29.3.236", "147.225.12.42"),
          Map.entry("165.247.96.84", "162.9.99.234"),
          Map.entry("192.102.249.13", "252.138.62.131"),
          Map.entry("192.41.57.43", "252.222.221.184"),
          Map.entry("195.205.63.100", "255.186.223.5"),
          Map.entry("204.29.20.4", "243.33.20.123"),
          Map.entry("208.147.89.59", "227.237.98.191"),
          Map.entry("216.254.18.172", "235.7.16.162"),
          Map.entry("24.0.250.221", "100.15.198.226"),
          Map.entry("38.15.67.68", "64.3.66.187"),
          Map.entry("4.3.88.225", "124.60.155.63"),
          Map.entry("64.39.15.238", "0.219.7.41"),
          Map.entry("0.0.0.0", "120.255.240.1"),
          Map.entry("255.255.255.255", "206.120.97.255"),
          Map.entry("::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"),
          Map.entry("::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"),
          Map.entry("2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"),
          Map.entry("2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"));

  @Test
  void agreesWithTheReferenceImplementation() throws Exception {
    final CryptoPan pan = new CryptoPan(REFERENCE_KEY, List.of());
    for (Map.Entry<String, String> entry : REFERENCE.entrySet()) {
      assertThat(anonymised(pan, entry.getKey()))
          .as(entry.getKey())
          .isEqualTo(InetAddress.ofLiteral(entry.getValue()));
    }
  }

  @Test
  void keepsTheLengthOfCommonPrefixesExactly() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (List<IpPrefix> keep : List.of(List.<IpPrefix>of(), Anonymisation.KEEP_MULTICAST)) {
      final CryptoPan pan = new CryptoPan(key(random), keep);
      for (int i = 0; i < MANY / 10; i++) {
        final int a = random.nextInt();
        final int b = a ^ random.nextInt() >>> random.nextInt(32);
        assertThat(Integer.numberOfLeadingZeros(pan.ipv4(a) ^ pan.ipv4(b)))
            .as("seed %d: %x %x", seed, a, b)
            .isEqualTo(Integer.numberOfLeadingZeros(a ^ b));
        final long high = random.nextLong();
        final long low = random.nextLong();
        final int common = random.nextInt(129);
        final long otherHigh = common >= 64 ? high : high ^ 1L << (63 - common);
        final long otherLow =
            common < 64 ? random.nextLong() : common == 128 ? low : low ^ 1L << (127 - common);
        pan.ipv6(high, low);
        final long firstHigh = pan.high();
        final long firstLow = pan.low();
        pan.ipv6(otherHigh, otherLow);
        final int left = Long.numberOfLeadingZeros(firstHigh ^ pan.high());
        assertThat(left < 64 ? left : 64 + Long.numberOfLeadingZeros(firstLow ^ pan.low()))
            .as("seed %d: %x %x, %x %x", seed, high, low, otherHigh, otherLow)
            .isEqualTo(common);
      }
    }
  }

  /** More addresses than the tables hold, so that each is computed again. */
  @Test
  void givesEachAddressOneOfItsOwnWhetherRememberedOrNot() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final CryptoPan pan = new CryptoPan(key(random), Anonymisation.KEEP_MULTICAST);
    final Map<Integer, Integer> first = new HashMap<>();
    while (first.size() < MANY) {
      final int address = random.nextInt();
      first.put(address, pan.ipv4(address));
    }
    assertThat(new HashSet<>(first.values())).as("seed %d", seed).hasSize(MANY);
    first.forEach((address, is) ->
        assertThat(pan.ipv4(address)).as("seed %d: %x", seed, address).isEqualTo(is));
    final Set<List<Long>> results = new HashSet<>();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < MANY / 10; i++) {
        pan.ipv6(0x2001_0db8_0000_0000L | (i & 0xfff), i);
        results.add(List.of(pan.high(), pan.low()));
      }
    }
    assertThat(results).as("seed %d", seed).hasSize(MANY / 10);
  }

  @Test
  void leavesKeptPrefixesAloneAndHidesTheHostInSolicitedNodeGroups() throws Exception {
    final CryptoPan pan =
        new CryptoPan(
            REFERENCE_KEY,
            List.of(
                IpPrefix.of("224.0.0.0/4"),
                IpPrefix.of("127.0.0.0/8"),
                IpPrefix.of("10.1.2.3"),
                IpPrefix.of("ff00::/12"),
                IpPrefix.of("fe80::/10")));
    for (String kept : List.of("224.0.0.251", "239.255.255.250", "127.3.2.1", "10.1.2.3")) {
      assertThat(anonymised(pan, kept)).isEqualTo(InetAddress.ofLiteral(kept));
    }
    for (String kept : List.of("ff02::1", "ff02::1:3", "fe80::5054:ff:fe12:3456")) {
      assertThat(anonymised(pan, kept)).isEqualTo(InetAddress.ofLiteral(kept));
    }
    for (String other : List.of("10.1.2.4", "8.8.8.8", "192.168.1.1", "2001:db8::1", "ff3e::1")) {
      assertThat(anonymised(pan, other)).as(other).isNotEqualTo(InetAddress.ofLiteral(other));
    }
    final byte[] group = anonymised(pan, "ff02::1:ff12:3456").getAddress();
    assertThat(HexFormat.of().formatHex(group))
        .startsWith("ff0200000000000000000001ff")
        .doesNotEndWith("123456");
  }

  @Test
  void allocatesNothing() {
    final CryptoPan pan = new CryptoPan(REFERENCE_KEY, Anonymisation.KEEP_MULTICAST);
    final var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      final long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        pan.ipv4(i * 0x9E37_79B9 + round);
        pan.ipv6(i * 0x9E37_79B9L, round);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
  }

  private static byte[] key(Random random) {
    final byte[] key = new byte[32];
    random.nextBytes(key);
    return key;
  }

  private static InetAddress anonymised(CryptoPan pan, String literal) throws UnknownHostException {
    final ByteBuffer bytes = ByteBuffer.wrap(InetAddress.ofLiteral(literal).getAddress());
    if (bytes.capacity() == 4) {
      return InetAddress.getByAddress(
          ByteBuffer.allocate(4).putInt(pan.ipv4(bytes.getInt())).array());
    }
    pan.ipv6(bytes.getLong(0), bytes.getLong(8));
    return InetAddress.getByAddress(
        ByteBuffer.allocate(16).putLong(pan.high()).putLong(pan.low()).array());
  }
}
