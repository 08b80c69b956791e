package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.management.ThreadMXBean;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AnalyticsAgentTest {
  private static final String A = "10.0.0.1";
  private static final String B = "10.0.0.2";
  private static final long T = 1_700_000_000_000_000_000L;
  private static final long S = TimeUnit.SECONDS.toNanos(1);
  private static final AtomicLong NOWHERE = new AtomicLong();
  private static final int RING_BYTES = 1 << 18;

  private final Arena arena = Arena.ofConfined();
  private final Records records = new Records();
  private final Map<AnalyticsCounter, Long> counters = new EnumMap<>(AnalyticsCounter.class);
  private final List<Flow> ended = new ArrayList<>();
  private final OneToOneRingBuffer ring = ring();
  private long nowNs = T;
  private final AnalyticsAgent agent =
      new AnalyticsAgent(
          new FlowTableConfig(1 << 14, 15 * S, 60 * S),
          (flow, end) -> ended.add(flow.flow(end)),
          counters::put,
          () -> nowNs);

  @AfterEach
  void close() {
    agent.onClose();
    records.close();
    arena.close();
  }

  @Test
  void takesRecordsAndPublishesWhatItDid() throws Exception {
    agent.rings(new OneToOneRingBuffer[] {ring});
    send(ring, T - 500, udp(1), Frames.ethernet().ipv6("::2", "::3").tcp(1, 2, Frames.SYN));
    send(ring, T - 200, udp(1), Frames.ethernet().type(Frames.TYPE_ARP).payload(46));
    send(ring, T - 100, Frames.ethernet().type(60).payload(60), malformed());
    assertThat(agent.doWork()).isPositive();
    assertThat(counters)
        .containsEntry(AnalyticsCounter.RECORDS_TAKEN, 6L)
        .containsEntry(AnalyticsCounter.BAD_MESSAGES, 0L)
        .containsEntry(AnalyticsCounter.MALFORMED, 1L)
        .containsEntry(AnalyticsCounter.NOT_IP, 2L)
        .containsEntry(AnalyticsCounter.FLOWS, 2L)
        .containsEntry(AnalyticsCounter.FLOW_CAPACITY, 1L << 14)
        .containsEntry(AnalyticsCounter.FLOWS_EVICTED, 0L)
        .containsEntry(AnalyticsCounter.LAG_NS, 500L);
    agent.doWork();
    assertThat(counters).containsEntry(AnalyticsCounter.LAG_NS, 0L);
    final TrafficSummary summary = answer(agent.queries().summary());
    assertThat(summary.frames()).isEqualTo(6);
    assertThat(summary.malformed()).isEqualTo(1);
    assertThat(summary.notIp()).isEqualTo(Map.of(0, 1L, Frames.TYPE_ARP, 1L));
    assertThat(summary.flows()).isEqualTo(2);
    assertThat(ring.size()).isZero();
  }

  @Test
  void skipsMessagesThatLie() {
    agent.rings(new OneToOneRingBuffer[] {ring});
    final int length = records.messageOf(T, udp(1), Frames.ethernet().ipv6("::2", "::3").udp(4, 5));
    assertThat(length).isEqualTo(RecordRing.BATCH_HEADER_LENGTH + 32 + 64);
    final UnsafeBuffer message = records.message();
    ring.write(RecordRing.BATCH_TYPE + 1, message, 0, length);
    for (int cut = 0; cut < length; cut++) {
      ring.write(RecordRing.BATCH_TYPE, message, 0, cut);
    }
    ring.write(RecordRing.BATCH_TYPE, message, 0, length + 32);
    for (int count : new int[] {-1, 0, 1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      message.putInt(RecordRing.BATCH_COUNT_OFFSET, count);
      ring.write(RecordRing.BATCH_TYPE, message, 0, length);
    }
    message.putInt(RecordRing.BATCH_COUNT_OFFSET, 2);
    for (int kind : new int[] {1, 5, 0x80, 0xff}) {
      message.putByte(RecordRing.BATCH_HEADER_LENGTH, (byte) kind);
      ring.write(RecordRing.BATCH_TYPE, message, 0, length);
    }
    drain(ring);
    assertThat(counters)
        .containsEntry(AnalyticsCounter.BAD_MESSAGES, 1L + length + 1 + 6 + 4)
        .containsEntry(AnalyticsCounter.RECORDS_TAKEN, 0L)
        .containsEntry(AnalyticsCounter.FLOWS, 0L);
    send(ring, T, udp(1));
    agent.doWork();
    assertThat(counters).containsEntry(AnalyticsCounter.FLOWS, 1L);
  }

  @Test
  void readsSeveralRingsAndSwapsThem() {
    final OneToOneRingBuffer other = ring();
    final OneToOneRingBuffer later = ring();
    agent.rings(new OneToOneRingBuffer[] {ring, other});
    send(ring, T, udp(1));
    send(other, T, udp(2));
    agent.doWork();
    agent.rings(new OneToOneRingBuffer[] {later});
    send(ring, T, udp(3));
    send(later, T, udp(4));
    agent.doWork();
    agent.onClose();
    assertThat(ended).extracting(Flow::srcPort).containsExactlyInAnyOrder(1, 2, 4);
    assertThat(ended).allMatch(flow -> flow.end() == EndReason.END_OF_INPUT);
    final OneToOneRingBuffer onHeap =
        new OneToOneRingBuffer(
            new UnsafeBuffer(new byte[RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH]));
    assertThatThrownBy(() -> agent.rings(new OneToOneRingBuffer[] {onHeap}))
        .hasMessage("a record ring lies in native or mapped memory");
  }

  @Test
  void takesBurstsOfEveryLength() {
    agent.rings(new OneToOneRingBuffer[] {ring});
    long sent = 0;
    for (int length = 0; length <= 3 * FlowTable.BATCH; length++) {
      final Frames[] burst = new Frames[length];
      for (int i = 0; i < length; i++) {
        burst[i] =
            i % 5 == 4
                ? Frames.ethernet().ipv6("::2", "::3").udp(1 + i % 7, 9).payload(i)
                : udp(1 + i % 7).payload(i);
      }
      send(ring, T + length, burst);
      sent += length;
      if (length % 3 == 0 || length > FlowTable.BATCH) {
        agent.doWork();
      }
    }
    drain(ring);
    assertThat(counters).containsEntry(AnalyticsCounter.RECORDS_TAKEN, sent);
    agent.onClose();
    assertThat(ended).hasSize(14);
    assertThat(ended.stream().mapToLong(Flow::packets).sum()).isEqualTo(sent);
    for (Flow flow : ended) {
      long packets = 0;
      long payload = 0;
      for (int length = 0; length <= 3 * FlowTable.BATCH; length++) {
        for (int i = flow.srcPort() - 1; i < length; i += 7) {
          if ((i % 5 == 4) == flow.srcIp().contains(":")) {
            packets++;
            payload += i;
          }
        }
      }
      assertThat(flow.packets()).isEqualTo(packets);
      final int headers = flow.srcIp().contains(":") ? 14 + 40 + 8 : 14 + 20 + 8;
      assertThat(flow.bytes()).isEqualTo(packets * headers + payload);
    }
  }

  @Test
  void letsAnAttachmentHandOverAndTakeBackItsRings() {
    final RecordRings<OneToOneRingBuffer> handover = agent.recordRings();
    assertThat(handover.released()).isTrue();
    send(ring, T, udp(1));
    handover.attached(1, List.of(ring));
    assertThat(handover.released()).isFalse();
    agent.doWork();
    assertThat(counters).containsEntry(AnalyticsCounter.FLOWS, 1L);
    // What workers gave before is read, however much it is.
    for (int port = 100; port < 700; port++) {
      send(ring, T, udp(port));
    }
    handover.detach();
    assertThat(handover.released()).isFalse();
    agent.doWork();
    assertThat(counters).containsEntry(AnalyticsCounter.RECORDS_TAKEN, 601L);
    assertThat(handover.released()).isTrue();
    send(ring, T, udp(2));
    agent.doWork();
    final OneToOneRingBuffer fresh = ring();
    send(fresh, T, udp(3));
    handover.attached(2, List.of(fresh));
    agent.doWork();
    agent.onClose();
    handover.detach();
    assertThat(handover.released()).isTrue();
    assertThat(ended)
        .extracting(Flow::srcPort)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.concat(IntStream.of(1, 3), IntStream.range(100, 700)).boxed().toList());
  }

  @Test
  void endsFlowsWhileNothingArrives() {
    agent.rings(new OneToOneRingBuffer[] {ring});
    send(ring, T, udp(1));
    agent.doWork();
    nowNs = T + 15 * S - 1;
    agent.doWork();
    assertThat(ended).isEmpty();
    nowNs = T + 16 * S;
    agent.doWork();
    agent.doWork();
    assertThat(ended).extracting(Flow::end).containsExactly(EndReason.IDLE);
    // A message without records tells the time as well.
    send(ring, T + 16 * S, udp(2));
    agent.doWork();
    send(ring, T + 40 * S);
    agent.doWork();
    assertThat(ended).hasSize(2);
  }

  @Test
  void answersTheLargestFlows() throws Exception {
    agent.rings(new OneToOneRingBuffer[] {ring});
    for (int i = 1; i <= 5000; i++) {
      send(ring, T + i, udp(i).payload(i % 997));
      drain(ring);
    }
    for (int i = 0; i < 5; i++) {
      send(ring, T + 6000, udp(4711), udp(4712));
      send(ring, T + 6001, udp(4711));
    }
    drain(ring);
    final List<Flow> byBytes = answer(agent.queries().top(7, FlowOrder.BYTES));
    assertThat(byBytes)
        .hasSize(7)
        .extracting(Flow::bytes)
        .isSortedAccordingTo((a, b) -> (int) (b - a));
    assertThat(byBytes.subList(1, 6)).allMatch(flow -> flow.bytes() == 42 + 996);
    assertThat(byBytes.getFirst().srcPort()).isEqualTo(4711);
    final List<Flow> byPackets = answer(agent.queries().top(2, FlowOrder.PACKETS));
    assertThat(byPackets).extracting(Flow::srcPort).containsExactly(4711, 4712);
    assertThat(byPackets).extracting(Flow::packets).containsExactly(11L, 6L);
    assertThat(byPackets).allMatch(flow -> flow.end() == EndReason.ONGOING);
    assertThat(answer(agent.queries().list(100))).hasSize(100).doesNotHaveDuplicates();
    assertThat(answer(agent.queries().list(FlowQueries.MAX_FLOWS))).hasSize(5000);
    assertThatThrownBy(() -> agent.queries().top(0, FlowOrder.BYTES))
        .hasMessage("ask for 1 to 100000 flows, not for 0");
  }

  @Test
  void refusesQuestionsBeyondItsQueueAndAfterItClosed() {
    final List<CompletableFuture<TrafficSummary>> waiting = new ArrayList<>();
    for (int i = 0; i < FlowQueries.MAX_WAITING; i++) {
      waiting.add(agent.queries().summary());
    }
    final CompletableFuture<TrafficSummary> refused = agent.queries().summary();
    assertThat(refused).isCompletedExceptionally();
    assertThatThrownBy(refused::join)
        .hasMessageEndingWith("64 questions to the analytics agent wait already: ask again later");
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    agent.onClose();
    waiting.add(agent.queries().summary());
    assertThat(waiting)
        .allSatisfy(future ->
            assertThatThrownBy(future::join)
                .hasMessageEndingWith("the analytics agent has closed"));
  }

  @Test
  void tellsSubscribersWhatEndsAndWhatGoesOn() {
    final FlowSubscription ends = agent.queries().subscribe(false, 2);
    final FlowSubscription all = agent.queries().subscribe(true, 100);
    agent.rings(new OneToOneRingBuffer[] {ring});
    send(ring, T, udp(1), udp(2), udp(3));
    agent.doWork();
    assertThat(polled(all)).extracting(Flow::srcPort).containsExactly(1, 2, 3);
    nowNs = T + 2 * S;
    send(ring, nowNs, udp(2));
    agent.doWork();
    agent.doWork();
    assertThat(polled(all))
        .extracting(Flow::srcPort, Flow::packets, Flow::end)
        .contains(tuple(2, 2L, EndReason.ONGOING));
    assertThat(ends.poll()).isNull();
    nowNs = T + 30 * S;
    agent.doWork();
    agent.doWork();
    assertThat(polled(ends)).hasSize(2).allMatch(flow -> flow.end() == EndReason.IDLE);
    assertThat(ends.missed()).isEqualTo(1);
    assertThat(polled(all).stream().filter(flow -> flow.end() == EndReason.IDLE)).hasSize(3);
    agent.doWork();
    assertThat(counters).containsEntry(AnalyticsCounter.FLOWS_MISSED, 1L);
    ends.close();
    all.close();
    send(ring, nowNs, udp(9));
    agent.doWork();
    agent.onClose();
    assertThat(polled(all)).isEmpty();
    assertThat(polled(ends)).isEmpty();
  }

  @Test
  void allocatesNothingInSteadyState() {
    final Map<AnalyticsCounter, AtomicLong> published = new EnumMap<>(AnalyticsCounter.class);
    for (AnalyticsCounter counter : AnalyticsCounter.values()) {
      published.put(counter, new AtomicLong());
    }
    final long[] sunk = new long[1];
    final long[] clockNs = {T};
    final AnalyticsAgent steady =
        new AnalyticsAgent(
            new FlowTableConfig(2000, S, 4 * S),
            (flow, end) -> sunk[0] += flow.packets(0),
            (counter, value) -> published.getOrDefault(counter, NOWHERE).lazySet(value),
            () -> clockNs[0]);
    steady.rings(new OneToOneRingBuffer[] {ring});
    final int length = records.messageOf(T, udp(1), Frames.ethernet().ipv6("::2", "::3").udp(4, 5));
    final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    final long self = Thread.currentThread().threadId();
    long allocated = Long.MAX_VALUE;
    // The first rounds load classes and grow the index; of the others none may allocate.
    for (int round = 0; round < 4; round++) {
      final long before = threads.getThreadAllocatedBytes(self);
      for (int i = 0; i < 50_000; i++) {
        clockNs[0] += 100_000;
        final UnsafeBuffer message = records.message();
        message.putLong(RecordRing.BATCH_TIMESTAMP_OFFSET, clockNs[0]);
        // A new flow each time, so that flows start, idle out and are evicted.
        message.putInt(RecordRing.BATCH_HEADER_LENGTH + PacketRecord.SOURCE_ADDRESS, i);
        message.putInt(RecordRing.BATCH_HEADER_LENGTH + PacketRecord.FLOW_HASH, i * 0x9E3779B1);
        ring.write(RecordRing.BATCH_TYPE, message, 0, length);
        steady.doWork();
      }
      allocated = threads.getThreadAllocatedBytes(self) - before;
    }
    assertThat(allocated).isZero();
    assertThat(published.get(AnalyticsCounter.RECORDS_TAKEN)).hasValue(400_000);
    assertThat(published.get(AnalyticsCounter.FLOWS_EVICTED)).hasPositiveValue();
    assertThat(sunk[0]).isPositive();
    steady.onClose();
  }

  private OneToOneRingBuffer ring() {
    final int bytes = RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH;
    return new OneToOneRingBuffer(
        new UnsafeBuffer(NativeMemory.allocate(arena, bytes, 128), bytes));
  }

  private void send(OneToOneRingBuffer to, long timestampNs, Frames... frames) {
    final int length = records.messageOf(timestampNs, frames);
    assertThat(to.write(RecordRing.BATCH_TYPE, records.message(), 0, length)).isTrue();
  }

  private void drain(OneToOneRingBuffer from) {
    while (from.size() > 0) {
      agent.doWork();
    }
  }

  private <T> T answer(CompletableFuture<T> future) throws Exception {
    while (agent.doWork() > 0) {
      Thread.onSpinWait();
    }
    return future.get(10, TimeUnit.SECONDS);
  }

  private static List<Flow> polled(FlowSubscription subscription) {
    final List<Flow> flows = new ArrayList<>();
    for (Flow flow = subscription.poll(); flow != null; flow = subscription.poll()) {
      flows.add(flow);
    }
    return flows;
  }

  private static Frames udp(int port) {
    return Frames.ethernet().ipv4(A, B).udp(port, 53);
  }

  private static Frames malformed() {
    return Frames.ethernet().type(Frames.TYPE_IPV4).payload(ByteBuffer.allocate(10).array());
  }
}
