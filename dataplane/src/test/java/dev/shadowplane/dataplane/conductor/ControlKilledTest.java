package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control is killed while 50,000 packets a second flow: that costs no packet. */
final class ControlKilledTest extends DpdkTest {
  private static final long BURST_INTERVAL_NS = 1_000_000_000L * RingLab.BURST / 50_000;

  @TempDir private Path root;

  private long nextNs;
  private int sent;
  private int forwarded;
  private int mirrored;

  private static byte[] frame(int serial) {
    return Frames.ethernet()
        .ipv4("10.0.0.1", "10.0.0.2")
        .udp(1, 2)
        .payload(ByteBuffer.allocate(40).putInt(serial).array())
        .bytes();
  }

  /** Sends a burst when it is due, and compares what has come out. */
  private void exchange(RingLab lab) {
    while (System.nanoTime() - nextNs < 0) {
      LockSupport.parkNanos(50_000);
    }
    // A sender that was held up goes on at its pace and does not catch up.
    nextNs = Math.max(nextNs, System.nanoTime() - BURST_INTERVAL_NS) + BURST_INTERVAL_NS;
    final byte[][] burst = new byte[RingLab.BURST][];
    for (int i = 0; i < burst.length; i++) {
      burst[i] = frame(sent++);
    }
    lab.send("a", burst);
    take(lab);
  }

  private void take(RingLab lab) {
    for (byte[] frame : lab.receive("b")) {
      assertThat(frame).as("packet %d", forwarded).isEqualTo(frame(forwarded++));
    }
    for (byte[] frame : lab.receive("shadow")) {
      assertThat(frame).as("mirrored packet %d", mirrored).isEqualTo(frame(mirrored++));
    }
  }

  private void flowUntil(RingLab lab, BooleanSupplier condition) {
    final int least = sent + 10_000;
    final int most = sent + 50_000 * 60;
    while (sent < least || !condition.getAsBoolean()) {
      assertThat(sent).isLessThan(most);
      exchange(lab);
    }
  }

  @Test
  void noPacketIsLostAndTheNextControlAttaches() throws Exception {
    final Rule all = new Rule("all", 0, Match.ALL, 100, List.of(new RuleTarget.Port("shadow")));
    try (RingLab lab = new RingLab(pool(), root, 4_096, "a", "b", "shadow")) {
      lab.launch(lab.recording(1 << 20, all));
      nextNs = System.nanoTime();
      for (int kill = 1; kill <= 2; kill++) {
        try (Child control = Child.java(root, ControlChild.class, lab.run().toString())) {
          final int epoch = kill;
          flowUntil(lab, () -> lab.counter("attachment.control-epoch") == epoch);
          assertThat(lab.counter("attachment.attached")).isEqualTo(1);
          assertThat(control.isAlive()).isTrue();
        }
        flowUntil(lab, () -> lab.counter("attachment.attached") == 0);
      }
      try (TestControl control = new TestControl(lab)) {
        assertThat(control.command(CommandType.RULES_LIST, "").status()).isEqualTo(ReplyStatus.OK);
      }
      lab.until(
          "the rest",
          () -> {
            take(lab);
            return forwarded == sent && mirrored == sent;
          });
      assertThat(lab.counter("port.a.rx-packets")).isEqualTo(sent);
      assertThat(lab.counter("port.b.shed.tx-full")).isZero();
      assertThat(lab.counter("records.0.taken") + lab.counter("records.0.shed"))
          .isLessThanOrEqualTo(sent);
      assertThat(lab.log().stream().filter(line -> !line.contains("hugepages"))).isEmpty();
    }
  }
}
