package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_mempool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A mempool of packet buffers. Its own threads: any may create, count and close it; closing needs
 * every mbuf back.
 */
public final class PktmbufPool implements AutoCloseable {
  /** Bytes in front of the data of a fresh mbuf. */
  public static final int HEADROOM_BYTES = Dpdk.RTE_PKTMBUF_HEADROOM();

  /** Mbufs that each registered thread keeps to itself. */
  public static final int CACHE_SIZE = 256;

  private final String name;
  private final int size;
  private final int dataRoomBytes;
  private final int cacheSize;
  private final MemorySegment pool;
  private boolean closed;

  /**
   * Creates a pool.
   *
   * @param name unique in the process, at most 25 bytes
   * @param size how many mbufs, at least 1; 2^n - 1 wastes no memory
   * @param dataRoomBytes bytes of each, {@link #HEADROOM_BYTES} included, at most 65,535
   * @param socket NUMA node of the ports that use it, or -1 for any
   * @throws DpdkException when there is no memory for it
   */
  public PktmbufPool(String name, int size, int dataRoomBytes, int socket) {
    this.name = name;
    this.size = size;
    this.dataRoomBytes = dataRoomBytes;
    // A cache may not exceed two thirds of the pool (rte_mempool_create).
    this.cacheSize = Math.min(CACHE_SIZE, size / 2);
    try (Arena arena = Arena.ofConfined()) {
      pool =
          Dpdk.rte_pktmbuf_pool_create(
              arena.allocateFrom(name), size, cacheSize, (short) 0, (short) dataRoomBytes, socket);
      if (pool.address() == 0) {
        throw new DpdkException(
            "rte_pktmbuf_pool_create(name="
                + name
                + ", n="
                + size
                + ", data_room="
                + dataRoomBytes
                + ", socket="
                + socket
                + ")",
            Eal.errno(),
            "it needs about "
                + ((size * (dataRoomBytes + 192L)) >> 20)
                + " MB: reserve hugepages (./hugepages-setup.sh), raise eal.memory-mb, or lower mbufs");
      }
    }
    AbiCheck.pool(this);
  }

  /**
   * The pool's name.
   *
   * @return as given
   */
  public String name() {
    return name;
  }

  /**
   * How many mbufs it has.
   *
   * @return as given
   */
  public int size() {
    return size;
  }

  /**
   * Bytes of one mbuf's buffer.
   *
   * @return as given, headroom included
   */
  public int dataRoomBytes() {
    return dataRoomBytes;
  }

  /**
   * How many mbufs are in the pool and in the caches of threads, exact while no thread uses it.
   *
   * @return {@link #size()} when all are back
   */
  public int available() {
    return Dpdk.rte_mempool_avail_count(pool);
  }

  MemorySegment segment() {
    return pool;
  }

  long address() {
    return pool.address();
  }

  /** Where the caches of all threads lie, or 0 when there are none. */
  long caches() {
    return cacheSize == 0
        ? 0
        : rte_mempool.local_cache(pool.reinterpret(rte_mempool.sizeof())).address();
  }

  /** How many mbufs a thread's cache holds before some go back. */
  int cacheSize() {
    return cacheSize;
  }

  int elementBytes() {
    return rte_mempool.elt_size(pool.reinterpret(rte_mempool.sizeof()));
  }

  /** Frees it. The caller has every mbuf back in it. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Dpdk.rte_mempool_free(pool);
    }
  }
}
