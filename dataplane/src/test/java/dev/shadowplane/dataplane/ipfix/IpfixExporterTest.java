package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.ipfix.IpfixConfig.Transport;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions with collectors that keep up, go away, come back and never read; time is the test's. */
@Timeout(60)
class IpfixExporterTest {
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final long seed = System.nanoTime();
  private final RandomFlows flows = new RandomFlows(seed);
  private final List<Flow> taken = new ArrayList<>();
  private long nowNs = -5 * SECOND_NS;

  @Test
  void shouldBeginAnewWithACollectorThatWasKilled() throws IOException {
    try (Collector collector = new Collector(0);
        IpfixExporter exporter = exporter(Transport.TCP, collector.port())) {
      for (int session = 1; session <= 3; session++) {
        until(exporter, collector, exporter::isReady);
        taken.clear();
        for (int i = 0; i < 5_000; i++) {
          take(exporter, collector);
        }
        exporter.flush();
        until(exporter, collector, () -> collector.decoder().records().size() == taken.size());
        assertTold(collector.decoder(), taken);
        assertThat(collector.decoder().announced()).doesNotHaveDuplicates();
        assertThat(exporter.counter(IpfixCounter.SESSIONS)).isEqualTo(session);
        assertThat(exporter.counter(IpfixCounter.RECORDS)).isEqualTo(5_000L * session);
        assertThat(exporter.isIdle()).isTrue();
        collector.hangUp();
        until(exporter, null, () -> exporter.counter(IpfixCounter.CONNECTED) == 0);
        assertThat(exporter.isReady()).isFalse();
      }
      assertThat(exporter.counter(IpfixCounter.MISSED_CONNECTION_LOST)).isZero();
    }
  }

  @Test
  void shouldFindACollectorThatComesLater() throws IOException {
    final int port;
    try (Collector first = new Collector(0)) {
      port = first.port();
    }
    try (IpfixExporter exporter = exporter(Transport.TCP, port)) {
      for (int i = 0; i < 1_000; i++) {
        nowNs += SECOND_NS / 10;
        exporter.advance();
        assertThat(exporter.isReady()).isFalse();
      }
      assertThat(exporter.failure()).isNotNull();
      try (Collector collector = new Collector(port)) {
        final long beganNs = nowNs;
        until(exporter, collector, exporter::isReady);
        assertThat(nowNs - beganNs).isLessThanOrEqualTo(11 * SECOND_NS);
        take(exporter, collector);
        nowNs += SECOND_NS;
        until(exporter, collector, () -> collector.decoder().records().size() == 1);
        assertTold(collector.decoder(), taken);
      }
    }
  }

  /** Memory is bounded by one flow's messages, and the connection is given up in the end. */
  @Test
  void shouldNotBeHeldUpByACollectorThatNeverReads() throws IOException {
    try (Collector collector = new Collector(0);
        IpfixExporter exporter = exporter(Transport.TCP, collector.port())) {
      until(exporter, collector, () -> exporter.isReady() && collector.isConnected());
      while (exporter.isReady()) {
        exporter.take(next());
      }
      final long sent = exporter.counter(IpfixCounter.RECORDS);
      assertThat(sent).isPositive();
      nowNs += 29 * SECOND_NS;
      exporter.advance();
      assertThat(exporter.counter(IpfixCounter.CONNECTED)).isEqualTo(1);
      nowNs += 2 * SECOND_NS;
      exporter.advance();
      assertThat(exporter.counter(IpfixCounter.CONNECTED)).isZero();
      assertThat(sent + exporter.counter(IpfixCounter.MISSED_CONNECTION_LOST))
          .as("seed %d", seed)
          .isEqualTo(taken.size());
      collector.hangUp();
      until(exporter, collector, () -> exporter.isReady() && collector.isConnected());
      taken.clear();
      take(exporter, collector);
      exporter.flush();
      until(exporter, collector, () -> collector.decoder().records().size() == 1);
      assertTold(collector.decoder(), taken);
    }
  }

  /** A slow reader gets every message whole, whatever part of it the kernel took at a time. */
  @Test
  void shouldGoOnWhereTheKernelTookAPart() throws IOException {
    try (Collector collector = new Collector(0);
        IpfixExporter exporter = exporter(Transport.TCP, collector.port())) {
      until(exporter, collector, () -> exporter.isReady() && collector.isConnected());
      for (int round = 0; round < 2; round++) {
        while (exporter.isReady()) {
          exporter.take(next());
        }
        until(exporter, collector, exporter::isReady);
      }
      exporter.flush();
      until(exporter, collector, () -> collector.decoder().records().size() == taken.size());
      assertTold(collector.decoder(), taken);
    }
  }

  @Test
  void shouldSendPartialMessagesAfterASecond() throws IOException {
    try (Collector collector = new Collector(0);
        IpfixExporter exporter = exporter(Transport.TCP, collector.port())) {
      until(exporter, collector, () -> exporter.isReady() && collector.isConnected());
      exporter.take(next());
      nowNs += SECOND_NS - 1;
      exporter.advance();
      assertThat(exporter.counter(IpfixCounter.MESSAGES)).isZero();
      nowNs++;
      exporter.advance();
      assertThat(exporter.counter(IpfixCounter.MESSAGES)).isEqualTo(1);
      until(exporter, collector, () -> collector.decoder().records().size() == 1);
    }
  }

  @Test
  void shouldCountWhatNobodyListensForAndRepeatTemplates() throws IOException {
    final int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (IpfixExporter exporter = exporter(Transport.UDP, port)) {
      until(exporter, null, exporter::isReady);
      for (int i = 0; i < 200; i++) {
        exporter.take(next());
      }
      exporter.flush();
      until(
          exporter,
          null,
          () -> exporter.isIdle() && exporter.counter(IpfixCounter.MISSED_REFUSED) == taken.size());
      assertThat(exporter.counter(IpfixCounter.RECORDS)).isEqualTo(taken.size());
      try (DatagramChannel collector = DatagramChannel.open()) {
        collector.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        final int told = taken.size();
        for (int i = 0; i < 50; i++) {
          exporter.take(next());
        }
        exporter.flush();
        until(exporter, null, exporter::isIdle);
        assertThat(exporter.counter(IpfixCounter.MISSED_REFUSED)).isEqualTo(told);
        final Decoder decoder = new Decoder(told);
        final ByteBuffer datagram = ByteBuffer.allocate(65_536);
        while (decoder.records().size() < 50) {
          collector.receive(datagram.clear());
          assertThat(datagram.position()).isLessThanOrEqualTo(1_400 - 28);
          decoder.message(datagram.flip());
        }
        assertTold(decoder, taken.subList(told, taken.size()));
      }
    }
  }

  @Test
  void shouldKeepThePaceItIsGiven() throws IOException {
    try (DatagramChannel collector = DatagramChannel.open()) {
      collector.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      final int port = ((InetSocketAddress) collector.getLocalAddress()).getPort();
      try (IpfixExporter exporter =
          new IpfixExporter(
              IpfixConfig.of(Transport.UDP, "127.0.0.1", port),
              () -> 0,
              () -> nowNs,
              10,
              _ -> {})) {
        until(exporter, null, exporter::isReady);
        for (int tenths = 0; tenths < 20; tenths++) {
          while (exporter.isReady()) {
            exporter.take(next());
          }
          assertThat(exporter.counter(IpfixCounter.MESSAGES)).isBetween(tenths + 1L, tenths + 2L);
          nowNs += SECOND_NS / 10;
          exporter.advance();
        }
      }
    }
  }

  private IpfixExporter exporter(Transport transport, int port) {
    return new IpfixExporter(
        IpfixConfig.of(transport, "127.0.0.1", port), () -> 0, () -> nowNs, 0, _ -> {});
  }

  private Flow next() {
    final Flow flow = flows.next();
    taken.add(flow);
    return flow;
  }

  private void take(IpfixExporter exporter, Collector collector) throws IOException {
    until(exporter, collector, exporter::isReady);
    exporter.take(next());
  }

  private void assertTold(Decoder decoder, List<Flow> expected) {
    assertThat(decoder.records()).as("seed %d", seed).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      Expected.assertTells(decoder.records().get(i), expected.get(i), true, 0, seed);
    }
  }

  /** Drives both ends, a millisecond of the test's time each round, until it is so. */
  private void until(
      IpfixExporter exporter,
      @org.jspecify.annotations.Nullable Collector collector,
      BooleanSupplier condition)
      throws IOException {
    while (!condition.getAsBoolean()) {
      nowNs += SECOND_NS / 1_000;
      exporter.advance();
      if (collector != null) {
        collector.poll();
      }
      Thread.onSpinWait();
    }
  }
}
