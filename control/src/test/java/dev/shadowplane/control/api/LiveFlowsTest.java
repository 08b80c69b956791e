package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.OffsetEpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LiveFlowsTest {
  private static final byte[] UDP =
      HexFormat.of()
          .parseHex(
              "02000000000202000000000108004500002000010000401100000a0000010a000002"
                  + "04d20035000c000061626364");

  private final EpochNanoClock clock = new OffsetEpochNanoClock();
  private final AnalyticsAgent agent =
      new AnalyticsAgent(
          FlowTableConfig.DEFAULT, (flow, reason) -> {}, AnalyticsCounters.NONE, clock);
  private final LiveFlows flows = new LiveFlows(agent.queries(), clock);
  private final OneToOneRingBuffer ring =
      new OneToOneRingBuffer(
          new UnsafeBuffer(
              ByteBuffer.allocateDirect(65_536 + RingBufferDescriptor.TRAILER_LENGTH)));

  @AfterEach
  void close() {
    agent.onClose();
  }

  @Test
  void turnsRecordsOfTheAttachmentIntoFlows() {
    agent.recordRings().attached(1, List.of(ring));
    send(2);
    final FlowSnapshot snapshot = top(10);
    assertThat(snapshot.getActiveFlows()).isEqualTo(1);
    final Flow flow = snapshot.getFlows(0);
    assertThat(snapshot.getFlowsCount()).isEqualTo(1);
    assertThat(flow.getSrcIp() + ":" + flow.getSrcPort()).isEqualTo("10.0.0.1:1234");
    assertThat(flow.getDstIp() + ":" + flow.getDstPort()).isEqualTo("10.0.0.2:53");
    assertThat(flow.getProtocol()).isEqualTo(17);
    assertThat(flow.hasVlan()).isFalse();
    assertThat(flow.getSrcToDst().getPackets()).isEqualTo(2);
    assertThat(flow.getSrcToDst().getBytes()).isEqualTo(2L * UDP.length);
    assertThat(flow.getSrcToDst().getFirstSeenNs()).isPositive();
    assertThat(flow.getDstToSrc().getPackets()).isZero();
  }

  @Test
  void answersManyWithOneWalk() {
    agent.recordRings().attached(1, List.of(ring));
    send(1);
    final List<CompletableFuture<FlowSnapshot>> answers =
        IntStream.range(0, 1_000)
            .mapToObj(i -> flows.top(i % 2 + 1, FlowOrder.FLOW_ORDER_PACKETS))
            .toList();
    for (final CompletableFuture<FlowSnapshot> answer : answers) {
      assertThat(drive(answer).getFlowsCount()).isEqualTo(1);
    }
    assertThat(answers.stream().map(answer -> answer.join().getTimeNs()).distinct()).hasSize(1);
  }

  private FlowSnapshot top(final int limit) {
    while (ring.size() > 0) {
      agent.doWork();
    }
    return drive(flows.top(limit, FlowOrder.FLOW_ORDER_BYTES));
  }

  private FlowSnapshot drive(final CompletableFuture<FlowSnapshot> answer) {
    while (!answer.isDone()) {
      agent.doWork();
    }
    return answer.join();
  }

  /** Sends a burst of the same frame, as a worker would. */
  private void send(final int frames) {
    try (Arena arena = Arena.ofConfined()) {
      final long frame = NativeMemory.allocate(arena, UDP.length, Long.BYTES);
      NativeMemory.copy(UDP, frame, UDP.length);
      final long record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, Long.BYTES);
      final FrameParser parser = new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES]));
      parser.parse(frame, UDP.length, UDP.length, 0, record);
      final int recordBytes = PacketRecord.lengthBytes(PacketRecord.KIND_IPV4);
      final byte[] parsed = new byte[recordBytes];
      NativeMemory.copy(record, parsed, recordBytes);
      final UnsafeBuffer message =
          new UnsafeBuffer(new byte[RecordRing.BATCH_HEADER_LENGTH + frames * recordBytes]);
      message.putLong(
          RecordRing.BATCH_TIMESTAMP_OFFSET,
          System.currentTimeMillis() * 1_000_000,
          ByteOrder.LITTLE_ENDIAN);
      message.putInt(RecordRing.BATCH_COUNT_OFFSET, frames, ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < frames; i++) {
        message.putBytes(RecordRing.BATCH_HEADER_LENGTH + i * recordBytes, parsed);
      }
      assertThat(ring.write(RecordRing.BATCH_TYPE, message, 0, message.capacity())).isTrue();
    }
  }
}
