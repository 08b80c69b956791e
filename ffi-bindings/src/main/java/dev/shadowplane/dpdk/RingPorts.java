package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.Dpdk;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Two ports joined back to back by rings in memory, as if by a cable: what is sent on one is
 * received on the other. Made by an embedding program; the data plane opens each by its device
 * name.
 */
public final class RingPorts implements AutoCloseable {
  private static final int SINGLE = Dpdk.RING_F_SP_ENQ() | Dpdk.RING_F_SC_DEQ();

  private final String a;
  private final String b;
  private final MemorySegment[] aToB;
  private final MemorySegment[] bToA;

  /**
   * Makes both ports, each with a queue in either direction.
   *
   * @param a name of one, unique in the process
   * @param b name of the other
   * @param descriptors frames that each direction holds; a power of two
   * @throws DpdkException when there is no memory
   */
  public RingPorts(String a, String b, int descriptors) {
    this(a, b, descriptors, 1);
  }

  /**
   * Makes both ports. What is sent on a queue of the one is received on the same queue of the
   * other.
   *
   * @param a name of one, unique in the process
   * @param b name of the other
   * @param descriptors frames that each queue holds; a power of two
   * @param queues of each port in either direction
   * @throws DpdkException when there is no memory
   */
  public RingPorts(String a, String b, int descriptors, int queues) {
    this.a = a;
    this.b = b;
    aToB = rings(a + "_" + b, descriptors, queues);
    bToA = rings(b + "_" + a, descriptors, queues);
    port(a, bToA, aToB);
    port(b, aToB, bToA);
  }

  private static MemorySegment[] rings(String name, int descriptors, int queues) {
    final MemorySegment[] rings = new MemorySegment[queues];
    for (int queue = 0; queue < queues; queue++) {
      rings[queue] = ring(name + (queue == 0 ? "" : "_" + queue), descriptors);
    }
    return rings;
  }

  private static MemorySegment ring(String name, int descriptors) {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment ring =
          Dpdk.rte_ring_create(arena.allocateFrom(name), descriptors, -1, SINGLE);
      if (ring.address() == 0) {
        throw new DpdkException(
            "rte_ring_create(name=" + name + ", count=" + descriptors + ")",
            Eal.errno(),
            "use an unused name and a power of two");
      }
      return ring;
    }
  }

  private static void port(String name, MemorySegment[] receive, MemorySegment[] send) {
    try (Arena arena = Arena.ofConfined()) {
      final int result =
          Dpdk.rte_eth_from_rings(
              arena.allocateFrom(name),
              addresses(arena, receive),
              receive.length,
              addresses(arena, send),
              send.length,
              0);
      if (result < 0) {
        throw new DpdkException(
            "rte_eth_from_rings(name=" + name + ")", Eal.errno(), "use a name not in use");
      }
    }
  }

  private static MemorySegment addresses(Arena arena, MemorySegment[] rings) {
    final MemorySegment addresses = arena.allocate(ValueLayout.ADDRESS, rings.length);
    for (int i = 0; i < rings.length; i++) {
      addresses.setAtIndex(ValueLayout.ADDRESS, i, rings[i]);
    }
    return addresses;
  }

  /**
   * The device name of the one.
   *
   * @return to be given to {@link EthPort#open}
   */
  public String a() {
    return "net_ring_" + a;
  }

  /**
   * The device name of the other.
   *
   * @return to be given to {@link EthPort#open}
   */
  public String b() {
    return "net_ring_" + b;
  }

  /** Frees the rings. Both ports are closed and both rings empty before. */
  @Override
  public void close() {
    for (int queue = 0; queue < aToB.length; queue++) {
      Dpdk.rte_ring_free(aToB[queue]);
      Dpdk.rte_ring_free(bToA[queue]);
    }
  }
}
