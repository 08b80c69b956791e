package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fragments, in the flows that their datagrams belong to. */
final class FragmentsTest {
  private static final long S = 1_000_000_000L;
  private static final long T = 1_700_000_000L * S;
  private static final int A = 0x0a00_0001;
  private static final int B = 0x0a00_0002;

  private final List<Flow> ended = new ArrayList<>();
  private final RecordMaker maker = new RecordMaker(FlowTable.BATCH);
  private final FlowTable table =
      new FlowTable(
          new FlowTableConfig(1 << 14, 100 * S, 1000 * S),
          (flow, end) -> ended.add(flow.flow(end)));

  @AfterEach
  void free() {
    table.close();
    maker.close();
  }

  @Test
  void putsThemIntoTheFlowOfTheirDatagramInEveryOrder() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      // Of two flows, two datagrams of each IP version each; and one packet that is whole.
      final List<int[]> fragments = new ArrayList<>();
      for (int port = 1; port <= 2; port++) {
        for (int version = 4; version <= 6; version += 2) {
          for (int datagram = 0; datagram < 2; datagram++) {
            for (int fragment = 0; fragment < 3; fragment++) {
              fragments.add(
                  new int[] {version, port, (round << 4) + port * 2 + datagram, fragment});
            }
          }
        }
      }
      Collections.shuffle(fragments, random);
      final long[] records = new long[FlowTable.BATCH];
      final long[] times = new long[FlowTable.BATCH];
      long bytes = 0;
      for (int i = 0; i < fragments.size(); i++) {
        final int[] fragment = fragments.get(i);
        final int size = 100 + 1000 * fragment[1] + fragment[3];
        bytes += size;
        records[i] =
            fragment(maker.use(i), fragment[0], fragment[1], fragment[2], fragment[3], size);
        times[i] = T + round * S + i;
      }
      table.update(records, times, fragments.size());
      table.endAll(EndReason.END_OF_INPUT);
      assertThat(ended)
          .as("seed %d", seed)
          .hasSize(4)
          .allSatisfy(flow -> {
            assertThat(flow.srcPort()).isIn(1, 2);
            assertThat(flow.dstPort()).isEqualTo(53);
            assertThat(flow.packets()).isEqualTo(6);
            assertThat(flow.bytes()).isEqualTo(6 * (100 + 1000 * flow.srcPort()) + 6);
          });
      assertThat(ended.stream().mapToLong(Flow::bytes).sum()).isEqualTo(bytes);
      ended.clear();
    }
  }

  @Test
  void tellsDatagramsByAddressesProtocolAndIdentification() {
    table.update(fragment(maker, 4, 1, 7, 0, 100), T);
    // Of none that is known: another identification, protocol, address.
    table.update(fragment(maker, 4, 1, 8, 1, 101), T);
    table.update(
        maker.ipv4(A, B, RecordMaker.TCP, 0, 0).fragment(7, false).lengths(102, 80).record(), T);
    table.update(
        maker.ipv4(A + 5, B, RecordMaker.UDP, 0, 0).fragment(7, false).lengths(103, 80).record(),
        T);
    table.update(
        maker.ipv4(B, A, RecordMaker.UDP, 0, 0).fragment(7, false).lengths(104, 80).record(), T);
    assertThat(table.size()).isEqualTo(1);
    table.endAll(EndReason.END_OF_INPUT);
    assertThat(ended)
        .extracting(Flow::srcPort, Flow::bytes)
        .containsExactlyInAnyOrder(
            // The portless ones of A and B are answers of each other.
            tuple(1, 100L), tuple(0, 205L), tuple(0, 102L), tuple(0, 103L));
  }

  @Test
  void givesThemOutWithoutPortsWhenTheFirstDoesNotComeInTime() {
    table.update(fragment(maker, 4, 1, 7, 1, 100), T);
    table.update(fragment(maker, 4, 1, 8, 1, 101), T + 20 * S);
    table.advance(T + 30 * S - 1);
    sweep();
    assertThat(table.size()).isZero();
    table.advance(T + 30 * S);
    sweep();
    assertThat(table.size()).isEqualTo(1);
    table.update(fragment(maker, 4, 1, 7, 0, 102), T + 31 * S);
    table.update(fragment(maker, 4, 1, 8, 0, 103), T + 31 * S);
    // The first was known, and is so no more.
    table.update(fragment(maker, 4, 1, 7, 2, 104), T + 61 * S);
    table.endAll(EndReason.END_OF_INPUT);
    assertThat(ended)
        .extracting(Flow::srcPort, Flow::bytes)
        .containsExactlyInAnyOrder(tuple(0, 100L + 104), tuple(1, 101L + 102 + 103));
  }

  @Test
  void holdsABoundedNumberOfAnyKindOfFlood() {
    final int flood = 3 * Fragments.DATAGRAMS;
    for (int i = 0; i < flood; i++) {
      // Of the latest datagrams, so many wait and are found by the ports that come later.
      table.update(fragment(maker, 4, 1, i, 1, 100), T + i);
    }
    assertThat(table.size()).isEqualTo(1);
    for (int i = flood - Fragments.HELD - 10; i < flood; i++) {
      table.update(fragment(maker, 4, 1, i, 0, 200), T + flood + i);
    }
    table.endAll(EndReason.END_OF_INPUT);
    final Map<Integer, Long> packets = new HashMap<>();
    ended.forEach(flow -> packets.merge(flow.srcPort(), flow.packets(), Long::sum));
    assertThat(packets)
        .containsEntry(0, (long) flood - Fragments.HELD)
        .containsEntry(1, 2L * Fragments.HELD + 10);
  }

  @Test
  void keepsWhatFullRecordsSay() {
    maker.ipv6(A, B, RecordMaker.UDP, 0, 0).fragment(9, false).lengths(1000, 980);
    table.update(maker.full(1, 2, 64, 5).record(), T);
    table.update(fragment(maker, 6, 3, 9, 0, 500), T + 5);
    table.endAll(EndReason.END_OF_INPUT);
    assertThat(ended).hasSize(1);
    assertThat(ended.getFirst().srcToDst().measures())
        .extracting(Flow.Measures::packets)
        .isEqualTo(1L);
    assertThat(ended.getFirst().firstSeenNs()).isEqualTo(T);
  }

  private void sweep() {
    for (int i = 0; i < Fragments.HELD; i += 32) {
      table.sweep(1 << 14);
    }
  }

  /** Number 0 is the first fragment of its datagram. */
  private static long fragment(
      RecordMaker maker, int version, int port, int identification, int number, int size) {
    if (version == 4) {
      maker.ipv4(A, B, RecordMaker.UDP, port, 53);
    } else {
      maker.ipv6(A, B, RecordMaker.UDP, port, 53);
    }
    return maker.fragment(identification, number == 0).lengths(size, size - 14).record();
  }
}
