package dev.shadowplane.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.encap.Copies;
import dev.shadowplane.dataplane.mirror.MirrorTarget;
import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import dev.shadowplane.dataplane.mirror.TallyCount;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import dev.shadowplane.dpdk.RingPorts;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.Test;

/** The JVM reports a file cut short late: at any place of a duty cycle, or behind it. */
final class WorkerRecoveryTest extends DpdkTest {
  private static final int BURST = Worker.BURST;

  /** Where the error comes up: as soon as production has been sent, mirrors have not. */
  private static final class FailingOnce extends AtomicCounter {
    private volatile boolean armed;

    FailingOnce() {
      super(new UnsafeBuffer(ByteBuffer.allocateDirect(128)), 0);
    }

    @Override
    public void setRelease(long value) {
      super.setRelease(value);
      if (armed) {
        armed = false;
        throw new InternalError("a fault occurred in an unsafe memory access operation");
      }
    }
  }

  @SuppressWarnings("NullAway.Init") // EAL is not started yet
  private MbufBurst burst;

  private final FailingOnce received = new FailingOnce();
  private final RecordRing ring =
      new RecordRing(
          new UnsafeBuffer(
              ByteBuffer.allocateDirect((1 << 16) + RingBufferDescriptor.TRAILER_LENGTH)));

  private static AtomicCounter counter() {
    return new AtomicCounter(new UnsafeBuffer(ByteBuffer.allocateDirect(128)), 0);
  }

  private EthPort open(String device) {
    final EthPort port = EthPort.open(device, device);
    port.configure(new EthPortConfig(1, 1, 256, 256, 0), pool());
    port.start();
    return port;
  }

  private Worker worker(EthPort in, EthPort out, EthPort shadow) {
    final List<RuleTarget> targets = List.of(new RuleTarget.Port("shadow"));
    final RuleTable table =
        new RuleTable(List.of(new Rule("all", 0, Match.ALL, 100, targets)), name -> 0);
    final RuleTally tally =
        new RuleTally(
            List.of("port:shadow"), target -> false, false, what -> new TallyCount(counter()));
    return new Worker(
        "recovering",
        new WorkerPorts(
            List.of(
                new ForwardPath(
                    0,
                    in.rxQueue(0),
                    out.txQueue(0),
                    Integer.MAX_VALUE,
                    new ForwardPath.PathCounters(
                        received, counter(), counter(), counter(), counter(), counter(), counter(),
                        counter()))),
            List.of(new MirrorTarget(shadow.txQueue(0), Integer.MAX_VALUE, BURST)),
            List.of()),
        null,
        new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES])),
        new WallClock(),
        new WorkerCounters(counter(), counter(), counter(), counter(), counter(), counter()),
        new WorkerPlan(
            table,
            new int[] {1},
            new RuleTallies(new RuleTally[] {tally}),
            new int[][] {{0}},
            Copies.NONE,
            new Portion[] {new Portion(Integer.MAX_VALUE, 0, null)},
            new RecordFeed(ring, RecordsConfig.DEFAULT),
            new Histogram(1, 10_000_000_000L, 3)));
  }

  private void send(MbufAllocator allocator, EthPort port) {
    final byte[] frame = Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
    for (int i = 0; i < BURST; i++) {
      final long mbuf = allocator.allocate();
      NativeMemory.copy(frame, Mbuf.data(mbuf), frame.length);
      Mbuf.length(mbuf, frame.length);
      burst.set(i, mbuf);
    }
    assertThat(port.txQueue(0).sendOrFree(burst, 0, BURST)).isEqualTo(BURST);
  }

  private int receive(EthPort port, boolean leaked) {
    final int count = port.rxQueue(0).receive(burst, BURST);
    for (int i = 0; leaked && i < count; i++) {
      // The reference that the error left to nobody.
      assertThat(Mbuf.references(burst.get(i))).isEqualTo(2);
    }
    burst.free(0, count);
    if (leaked) {
      burst.free(0, count);
    }
    return count;
  }

  private static void await(String what, BooleanSupplier condition) {
    final long deadlineNs = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadlineNs);
      LockSupport.parkNanos(10_000);
    }
  }

  @Test
  void theThreadGoesOnAfterTheError() {
    final String id = unique("rec");
    burst = new MbufBurst(BURST);
    try (MbufAllocator allocator = new MbufAllocator(pool(), BURST);
        RingPorts ins = new RingPorts(id + "ia", id + "ib", 256);
        RingPorts outs = new RingPorts(id + "oa", id + "ob", 256);
        RingPorts shadows = new RingPorts(id + "sa", id + "sb", 256);
        EthPort in = open(ins.a());
        EthPort sender = open(ins.b());
        EthPort out = open(outs.a());
        EthPort receiver = open(outs.b());
        EthPort shadow = open(shadows.a());
        EthPort watcher = open(shadows.b())) {
      final Worker worker = worker(in, out, shadow);
      try (WorkerThread thread =
          new WorkerThread(-1, run -> Thread.ofPlatform().unstarted(run), () -> {})) {
        thread.awaitReady();
        thread.poll(worker);
        send(allocator, sender);
        await("forwarded", () -> receive(receiver, false) == BURST);
        await("mirrored", () -> receive(watcher, false) == BURST);
        assertThat(ring.isBroken()).isFalse();

        received.armed = true;
        send(allocator, sender);
        await("forwarded with the error", () -> receive(receiver, true) == BURST);
        await("recovered", ring::isBroken);
        assertThat(receive(watcher, false)).as("mirrors of that burst").isZero();

        for (int i = 0; i < 5; i++) {
          send(allocator, sender);
          await("forwarded after", () -> receive(receiver, false) == BURST);
          await("mirrored after", () -> receive(watcher, false) == BURST);
        }
        assertThat(received.get()).isEqualTo(7L * BURST);
        assertThat(thread.thread().isAlive()).isTrue();
      }
    }
  }
}
