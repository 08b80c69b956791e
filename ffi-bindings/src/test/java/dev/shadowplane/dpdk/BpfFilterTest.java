package dev.shadowplane.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** tcpdump's filters on frames in mbufs. */
class BpfFilterTest extends DpdkTest {
  /** TCP from 10.0.0.1:1234 to 10.0.0.2:80, SYN. */
  private static byte[] tcp() {
    return ByteBuffer.allocate(60)
        .putLong(0x0200_0000_0002_0200L)
        .putInt(0x0000_0001)
        .putShort((short) 0x0800)
        .putLong(0x4500_002e_0000_0000L)
        .putInt(0x4006_0000)
        .putInt(0x0a00_0001)
        .putInt(0x0a00_0002)
        .putShort((short) 1234)
        .putShort((short) 80)
        .putLong(0)
        .putShort((short) 0x5002)
        .array();
  }

  @ParameterizedTest
  @CsvSource({
    "tcp port 80, true",
    "tcp port http, true",
    "tcp port 81, false",
    "src host 10.0.0.1 and dst net 10.0.0.0/24, true",
    "udp, false",
    "'', true",
    "tcp[tcpflags] & tcp-syn != 0, true",
    "tcp[13] = 2, true",
    "not (tcp and port 80), false",
    "ether src 02:00:00:00:00:01, true",
    "ip6 host fe80::1, false",
    "portrange 79-81, true",
    "greater 60, true",
    "greater 61, false",
    "ip[100] = 0, false",
    "vlan, false",
    "tcp[12:1] & 2 = 0, true",
    "tcp[0:4] = 0x04d20050, true",
    "tcp[0:2] / tcp[4] = 1, false",
    "ip[ip[0] - 0x45] = 0x45, true",
    "ip[ip[0] - 0x46] = 0x45, false",
    "ip[0] << 24 > 0x44000000, true",
  })
  void matchesWholeSplitAndLentFrames(String expression, boolean expected) {
    final byte[] frame = tcp();
    final long lent = NativeMemory.allocate(frame.length, 8);
    NativeMemory.copy(frame, lent, frame.length);
    try (BpfFilter filter = new BpfFilter(expression);
        PcapProgram interpreted = new PcapProgram(expression);
        MbufAllocator allocator = new MbufAllocator(pool(), 8)) {
      assertThat(interpreted.matches(new FrameMbuf().of(lent, frame.length, frame.length)))
          .isEqualTo(expected);
      assertThat(filter.isCompiled()).isTrue();
      assertThat(filter.matches(new FrameMbuf().of(lent, frame.length, frame.length)))
          .isEqualTo(expected);
      for (int cut = 1; cut <= frame.length; cut++) {
        final long mbuf = mbufOf(allocator, frame, 0, cut);
        if (cut < frame.length) {
          Mbuf.chain(mbuf, mbufOf(allocator, frame, cut, frame.length));
        }
        assertThat(filter.matches(mbuf)).as("cut at %d", cut).isEqualTo(expected);
        free(mbuf);
      }
    }
  }

  @Test
  void shortFramesDoNotMatchWhatIsBehindTheirEnd() {
    final byte[] frame = tcp();
    try (BpfFilter filter = new BpfFilter("tcp port 80");
        MbufAllocator allocator = new MbufAllocator(pool(), 8)) {
      for (int length = 0; length < 38; length++) {
        final long mbuf = mbufOf(allocator, frame, 0, length);
        assertThat(filter.matches(mbuf)).as("%d bytes", length).isFalse();
        free(mbuf);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp and porta 80|character 9: porta is neither a keyword nor an address",
        "host example.com|character 6: example.com is neither a keyword",
        "tcp and|syntax error, from character 4 on: and: correct it (pcap-filter(7))",
        "tcp port 80 80|syntax error, from character 12 on: 80: ",
        "port 70000|illegal port number 70000 > 65535, from character 1 on",
        "((tcp)|syntax error, from character 1 on",
        "ether[0 - 1] = 2|it reads before the beginning of the frame: correct it",
        "len > ((((((1))))))) |syntax error",
      })
  void saysWhatIsWrongAndWhere(String both) {
    final String[] parts = both.split("\\|", -1);
    assertThatThrownBy(() -> new BpfFilter(parts[0]).close())
        .isInstanceOf(DpdkException.class)
        .hasMessageContaining(parts[1])
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("\n");
  }

  /** librte_bpf walks along every path through a program: that stays short, or is refused. */
  @Test
  void longFiltersAreCompiledOrRefusedSoon() {
    for (int terms = 1; terms < 60; terms += 4) {
      final String ports =
          IntStream.range(0, terms)
              .mapToObj(i -> "port " + (1000 + 7 * i))
              .collect(Collectors.joining(" or "));
      try (BpfFilter filter = new BpfFilter(ports)) {
        assertThat(filter.isCompiled()).isTrue();
      }
    }
  }

  private static long mbufOf(MbufAllocator allocator, byte[] frame, int from, int to) {
    final long mbuf = allocator.allocate();
    NativeMemory.copy(java.util.Arrays.copyOfRange(frame, from, to), Mbuf.data(mbuf), to - from);
    Mbuf.length(mbuf, to - from);
    return mbuf;
  }

  private static void free(long mbuf) {
    final MbufBurst burst = new MbufBurst(1);
    burst.set(0, mbuf);
    burst.free(0, 1);
  }
}
