package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.config.PortRole;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.RxQueue;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * What a shadow network sends, and what becomes of it: its role decides. One worker polls it; any
 * one other thread gives roles, which take effect between two bursts.
 */
public final class ShadowPort {
  private final RxQueue rx;
  private final Counters counters;
  private volatile PortRole role;
  private long epoch;

  /**
   * What is counted; the worker is the only writer.
   *
   * @param received frames taken from the port
   * @param droppedPackets those of them that were freed because the shadow is on standby
   * @param droppedBytes of these, without check sequence
   * @param epoch of the role by which the worker acts
   */
  public record Counters(
      AtomicCounter received,
      AtomicCounter droppedPackets,
      AtomicCounter droppedBytes,
      AtomicCounter epoch) {}

  /**
   * A shadow network's port.
   *
   * @param rx its queue, the worker's own
   * @param counters what is counted
   * @param role to begin with
   */
  public ShadowPort(RxQueue rx, Counters counters, PortRole role) {
    this.rx = rx;
    this.counters = counters;
    this.role = role;
    this.epoch = role.epoch();
    counters.epoch.setRelease(role.epoch());
  }

  /**
   * Its role.
   *
   * @return the one that was given last, in force yet or not
   */
  public PortRole role() {
    return role;
  }

  /**
   * Gives it a role.
   *
   * @param next of a higher epoch
   */
  public void role(PortRole next) {
    role = next;
  }

  /**
   * Whether the role that was given last is in force.
   *
   * @return true once no frame is treated by an earlier one
   */
  public boolean isInForce() {
    return counters.epoch.get() == role.epoch();
  }

  /** Takes a burst, of which nothing is left to the caller, and returns how many frames it had. */
  int poll(MbufBurst burst) {
    final PortRole current = role;
    if (current.epoch() != epoch) {
      epoch = current.epoch();
      counters.epoch.setRelease(epoch);
    }
    final int received = rx.receive(burst, Worker.BURST);
    if (received > 0) {
      counters.received.setRelease(counters.received.getPlain() + received);
      switch (current.role()) {
        case STANDBY -> drop(burst, received);
      }
    }
    return received;
  }

  private void drop(MbufBurst burst, int count) {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += Mbuf.packetLength(burst.get(i));
    }
    burst.free(0, count);
    counters.droppedPackets.setRelease(counters.droppedPackets.getPlain() + count);
    counters.droppedBytes.setRelease(counters.droppedBytes.getPlain() + bytes);
  }
}
