package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.encap.CollectorLink;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.RxQueue;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Finds the next hops of the collectors behind one port. A port that does not forward is polled by
 * no worker, so its receive queue is the conductor's; its transmit queues are the workers', who
 * send the questions. Whatever else arrives is dropped. The conductor's thread.
 */
final class NextHopResolver {
  private static final int BURST = 32;

  /** Bounds the work of one duty cycle. */
  private static final int BURSTS = 8;

  /** Between two questions without an answer. */
  private static final long RETRY_NS = 1_000_000_000;

  /** How long an answer counts before the question is asked again (RFC 4861: REACHABLE_TIME). */
  private static final long REACHABLE_NS = 30_000_000_000L;

  /** Questions in a row without an answer after which a neighbour is lost. */
  private static final int PATIENCE = 3;

  private final RxQueue queue;
  private final MbufBurst burst = new MbufBurst(BURST);
  private final List<Asked> all;
  private final Consumer<String> log;

  /** A collector's next hop and what is known of it. */
  private static final class Asked {
    private final CollectorLink link;
    private final AtomicCounter resolved;
    private long mac = -1;
    private long nextNs = System.nanoTime();
    private boolean waiting;
    private int unanswered;

    private Asked(CollectorLink link, AtomicCounter resolved) {
      this.link = link;
      this.resolved = resolved;
    }
  }

  NextHopResolver(
      RxQueue queue, List<CollectorLink> links, CounterRegistry counters, Consumer<String> log) {
    this.queue = queue;
    this.log = log;
    this.all =
        links.stream()
            .map(link ->
                new Asked(
                    link,
                    counters.counter(
                        CounterTypes.COLLECTOR,
                        CounterTypes.collector(link.config().name(), "next-hop-resolved"))))
            .toList();
  }

  int poll(long nowNs) {
    int work = 0;
    for (int i = 0; i < BURSTS; i++) {
      final int received = queue.receive(burst, BURST);
      for (int k = 0; k < received; k++) {
        Mbuf.normalise(burst.get(k));
        final byte[] frame = Mbuf.bytes(burst.get(k));
        all.forEach(one -> take(one, frame, nowNs));
      }
      burst.free(0, received);
      work += received;
      if (received < BURST) {
        break;
      }
    }
    all.forEach(one -> ask(one, nowNs));
    return work;
  }

  private void take(Asked one, byte[] frame, long nowNs) {
    final long mac = one.link.answer(frame);
    if (mac < 0) {
      return;
    }
    one.waiting = false;
    one.unanswered = 0;
    one.nextNs = nowNs + REACHABLE_NS;
    if (mac != one.mac) {
      one.mac = mac;
      one.link.nextHop().resolved(mac);
      one.resolved.setRelease(1);
      log.accept(describe(one) + " is at " + new MacAddress(mac));
    }
  }

  /** Questions are sent with traffic only: one that is still due has not been asked. */
  private void ask(Asked one, long nowNs) {
    if (one.link.nextHop().isDue()) {
      one.nextNs = nowNs + RETRY_NS;
      return;
    }
    if (nowNs - one.nextNs < 0) {
      return;
    }
    if (one.waiting && ++one.unanswered == PATIENCE) {
      one.mac = -1;
      one.link.nextHop().lost();
      one.resolved.setRelease(0);
      log.accept(
          "warning: "
              + describe(one)
              + " does not answer: check next-hop, or give next-hop-mac; its frames are shed");
    }
    one.waiting = true;
    one.nextNs = nowNs + RETRY_NS;
    one.link.nextHop().ask();
  }

  private static String describe(Asked one) {
    return "collector "
        + one.link.config().name()
        + ": next hop "
        + one.link.config().nextHop().getHostAddress();
  }
}
