package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.telemetry.CountersFile;
import dev.shadowplane.dataplane.worker.ForwardPath;
import dev.shadowplane.dataplane.worker.WallClock;
import dev.shadowplane.dataplane.worker.Worker;
import dev.shadowplane.dataplane.worker.WorkerCounters;
import dev.shadowplane.dataplane.worker.WorkerPlan;
import dev.shadowplane.dataplane.worker.WorkerPorts;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import dev.shadowplane.dpdk.RingPorts;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A port is restarted while nobody uses its queues, and carries frames as before. */
final class PortRevivalTest extends DpdkTest {
  private static final byte[] FRAME = new byte[64];

  @TempDir private Path root;

  private static AtomicCounter counter() {
    return new AtomicCounter(new UnsafeBuffer(ByteBuffer.allocateDirect(128)), 0);
  }

  private EthPort open(String device) {
    final EthPort port = EthPort.open(device, device);
    port.configure(new EthPortConfig(1, 1, 64, 64, 0), pool());
    port.start();
    return port;
  }

  private static Worker worker(EthPort in, EthPort out, WorkerPlan plan) {
    return new Worker(
        "reviving",
        new WorkerPorts(
            List.of(
                new ForwardPath(
                    0,
                    in.rxQueue(0),
                    out.txQueue(0),
                    Integer.MAX_VALUE,
                    new ForwardPath.PathCounters(
                        counter(), counter(), counter(), counter(), counter(), counter(), counter(),
                        counter()))),
            List.of(),
            List.of()),
        null,
        new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES])),
        new WallClock(),
        new WorkerCounters(counter(), counter(), counter(), counter(), counter(), counter()),
        plan);
  }

  private static int taken(EthPort port, MbufBurst burst) {
    final int count = port.rxQueue(0).receive(burst, Worker.BURST);
    for (int i = 0; i < count; i++) {
      assertThat(Mbuf.bytes(burst.get(i))).isEqualTo(FRAME);
    }
    burst.free(0, count);
    return count;
  }

  private static void send(MbufAllocator allocator, MbufBurst burst, EthPort port) {
    final long mbuf = allocator.allocate();
    NativeMemory.copy(FRAME, Mbuf.data(mbuf), FRAME.length);
    Mbuf.length(mbuf, FRAME.length);
    burst.set(0, mbuf);
    assertThat(port.txQueue(0).sendOrFree(burst, 0, 1)).isEqualTo(1);
  }

  @Test
  void workersKeepAwayUntilItHasBeenRestarted() throws Exception {
    final RingPorts left = new RingPorts(unique("l"), unique("fl"), 64);
    final RingPorts right = new RingPorts(unique("r"), unique("fr"), 64);
    final List<String> log = new ArrayList<>();
    final WorkerPlan plan = WorkerPlan.forwarding(WorkerHandle.histogram());
    try (EthPort in = open(left.a());
        EthPort sender = open(left.b());
        EthPort out = open(right.a());
        EthPort receiver = open(right.b());
        MbufAllocator allocator = new MbufAllocator(pool(), Worker.BURST);
        CountersFile file =
            CountersFile.create(root.resolve("run"), root.resolve("state"), 1 << 10)) {
      final MbufBurst burst = new MbufBurst(Worker.BURST);
      final Worker worker = worker(in, out, plan);
      final PortRevival revival =
          new PortRevival(
              List.of(new WorkerHandle(0, worker, plan, new CounterRegistry(file))),
              null,
              log::add);
      final Port port = new Port(0, new PortConfig("in", left.a(), 0, 64, 64), in, true);
      send(allocator, burst, sender);
      assertThat(worker.doWork()).isEqualTo(1);
      assertThat(taken(receiver, burst)).isEqualTo(1);
      assertThat(revival.poll()).isZero();

      revival.begin(port);
      send(allocator, burst, sender);
      assertThat(revival.poll()).as("the worker may be in a cycle still").isZero();
      assertThat(worker.doWork()).isZero();
      assertThat(revival.poll()).as("that cycle may have begun before").isZero();
      assertThat(worker.doWork()).isZero();
      assertThat(revival.hasRevived(port)).isFalse();
      assertThat(revival.poll()).isEqualTo(1);
      assertThat(revival.hasRevived(port)).isTrue();
      assertThat(revival.hasRevived(port)).as("told once").isFalse();

      assertThat(worker.doWork()).as("what waited in the ring").isEqualTo(1);
      assertThat(taken(receiver, burst)).isEqualTo(1);
      assertThat(log).isEmpty();
    }
  }
}
