package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.ipfix.IpfixConfig.Transport;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.NativeMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live flows on their way from the analytics agent to a collector. */
@Timeout(60)
class IpfixAgentTest {
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final int FLOWS = 500;

  private final Arena arena = Arena.ofConfined();
  private final FrameParser parser =
      new FrameParser(FlowHash.ofHex("000102030405060708090a0b0c0d0e0f"));
  private final long frame = NativeMemory.allocate(arena, 2_048, Long.BYTES);
  private final UnsafeBuffer message =
      new UnsafeBuffer(NativeMemory.allocate(arena, 2_048, Long.BYTES), 2_048);
  private final OneToOneRingBuffer ring = ring();
  private final List<Flow> ended = new ArrayList<>();
  private long nowNs = 1_795_000_000_000_000_000L;
  private final AnalyticsAgent analytics =
      new AnalyticsAgent(
          new FlowTableConfig(1 << 12, 15 * SECOND_NS, 60 * SECOND_NS),
          (flow, reason) -> ended.add(flow.flow(reason)),
          AnalyticsCounters.NONE,
          () -> nowNs);

  @AfterEach
  void close() {
    analytics.onClose();
    arena.close();
  }

  @Test
  void shouldTellFlowsThatEnd() throws IOException {
    try (Collector collector = new Collector(0)) {
      final IpfixAgent agent = agent(collector.port(), IpfixAgent.QUEUE_CAPACITY);
      try {
        endFlows();
        until(agent, collector, () -> collector.decoder().records().size() == FLOWS);
        for (int i = 0; i < FLOWS; i++) {
          Expected.assertTells(collector.decoder().records().get(i), ended.get(i), true, 0, 0);
        }
        assertThat(gauges(agent))
            .containsEntry("connected", 1L)
            .containsEntry("sessions", 1L)
            .containsEntry("records", (long) FLOWS)
            .containsEntry("templates", 1L)
            .containsEntry("missed.queue-full", 0L);
      } finally {
        agent.onClose();
      }
    }
  }

  /** What finds the queue full is missed; what waits is told once there is a collector. */
  @Test
  void shouldKeepABoundedNumberForACollectorThatIsAway() throws IOException {
    final int port;
    try (Collector none = new Collector(0)) {
      port = none.port();
    }
    final IpfixAgent agent = agent(port, 100);
    try {
      endFlows();
      agent.doWork();
      assertThat(gauges(agent))
          .containsEntry("connected", 0L)
          .containsEntry("records", 0L)
          .containsEntry("missed.queue-full", FLOWS - 100L);
      try (Collector collector = new Collector(port)) {
        until(agent, collector, () -> collector.decoder().records().size() == 100);
        Expected.assertTells(
            collector.decoder().records().getFirst(), ended.getFirst(), true, 0, 0);
      }
    } finally {
      agent.onClose();
    }
  }

  @Test
  void shouldTellWhatWaitsWhenItIsClosed() throws IOException {
    try (Collector collector = new Collector(0)) {
      final IpfixAgent agent = agent(collector.port(), IpfixAgent.QUEUE_CAPACITY);
      until(
          agent,
          collector,
          () -> collector.isConnected() && Long.valueOf(1).equals(gauges(agent).get("connected")));
      endFlows();
      agent.onClose();
      assertThat(gauges(agent))
          .containsEntry("connected", 0L)
          .containsEntry("records", (long) FLOWS)
          .containsEntry("missed.closed", 0L);
      while (collector.decoder().records().size() < FLOWS) {
        collector.poll();
      }
    }
  }

  @Test
  void shouldCountWhatItCannotTellWhenItIsClosed() throws IOException {
    final int port;
    try (Collector none = new Collector(0)) {
      port = none.port();
    }
    final IpfixAgent agent = agent(port, IpfixAgent.QUEUE_CAPACITY);
    endFlows();
    agent.onClose();
    assertThat(gauges(agent)).containsEntry("missed.closed", (long) FLOWS);
  }

  private IpfixAgent agent(int port, int queueCapacity) {
    return new IpfixAgent(
        IpfixConfig.of(Transport.TCP, "127.0.0.1", port),
        analytics.queries().subscribe(false, queueCapacity),
        () -> nowNs / 1_000_000,
        () -> nowNs);
  }

  /** A packet each of many flows, which then idle. */
  private void endFlows() {
    analytics.rings(new OneToOneRingBuffer[] {ring});
    for (int i = 0; i < FLOWS; i++) {
      write(Frames.ethernet().ipv4("10.0.0.1", "10.0.1." + i % 256).udp(1_000 + i, 53));
      analytics.doWork();
    }
    nowNs += 20 * SECOND_NS;
    while (ended.size() < FLOWS) {
      analytics.doWork();
    }
  }

  private void write(Frames frames) {
    final byte[] bytes = frames.bytes();
    NativeMemory.copy(bytes, frame, bytes.length);
    final long record = message.addressOffset() + RecordRing.BATCH_HEADER_LENGTH;
    parser.parse(frame, bytes.length, bytes.length, 0, record);
    message.putLong(RecordRing.BATCH_TIMESTAMP_OFFSET, nowNs);
    message.putInt(RecordRing.BATCH_COUNT_OFFSET, 1);
    message.putInt(RecordRing.BATCH_COUNT_OFFSET + Integer.BYTES, 0);
    final int length = PacketRecord.lengthBytes(NativeMemory.getUnsignedByte(record));
    assertThat(
            ring.write(RecordRing.BATCH_TYPE, message, 0, RecordRing.BATCH_HEADER_LENGTH + length))
        .isTrue();
  }

  private OneToOneRingBuffer ring() {
    final int bytes = (1 << 16) + RingBufferDescriptor.TRAILER_LENGTH;
    return new OneToOneRingBuffer(
        new UnsafeBuffer(NativeMemory.allocate(arena, bytes, 128), bytes));
  }

  private static Map<String, Long> gauges(IpfixAgent agent) {
    final Map<String, Long> gauges = new HashMap<>();
    agent.gauges((name, value) -> {
      assertThat(name).startsWith("ipfix.tcp://127.0.0.1:");
      gauges.put(name.replaceFirst("^ipfix[.]tcp://127[.]0[.]0[.]1:[0-9]+[.]", ""), value);
    });
    return gauges;
  }

  private void until(IpfixAgent agent, Collector collector, BooleanSupplier condition)
      throws IOException {
    while (!condition.getAsBoolean()) {
      nowNs += SECOND_NS / 1_000;
      agent.doWork();
      collector.poll();
    }
  }
}
