package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_mempool;
import dev.shadowplane.dpdk.abi23.rte_mempool_ops;
import dev.shadowplane.dpdk.abi23.rte_mempool_ops_table;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A stack of free mbufs, refilled in bulk straight from the pool. {@code rte_pktmbuf_alloc} is
 * inline and has no symbol, but what it calls is in {@code rte_mempool_ops_table}. One thread at a
 * time; allocates nothing on the heap.
 */
public final class MbufAllocator implements AutoCloseable {
  private static final MethodHandle DEQUEUE =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private final long pool;
  private final MemorySegment dequeue;
  private final MbufBurst stack;
  private int depth;

  /**
   * An empty stack over a pool.
   *
   * @param pool where mbufs come from; outlives this
   * @param bulk how many to take at a time
   */
  public MbufAllocator(PktmbufPool pool, int bulk) {
    this.pool = pool.address();
    this.stack = new MbufBurst(bulk);
    final int index = rte_mempool.ops_index(pool.segment().reinterpret(rte_mempool.sizeof()));
    this.dequeue =
        rte_mempool_ops.dequeue(
            rte_mempool_ops_table.ops(
                Dpdk.rte_mempool_ops_table().reinterpret(rte_mempool_ops_table.sizeof()), index));
  }

  /**
   * Takes one mbuf, reset to an empty frame. The caller becomes its sole owner.
   *
   * @return its address, or 0 when the pool has fewer than a bulk left
   */
  public long allocate() {
    final long mbuf = take();
    if (mbuf != 0) {
      Mbuf.reset(mbuf);
    }
    return mbuf;
  }

  /**
   * Takes one mbuf as it lies in the pool: one reference, one segment, no next, everything else to
   * be set, as {@link Mbuf#begin} and {@link Mbuf#attach} do. The caller becomes its sole owner.
   *
   * @return its address, or 0 when the pool has fewer than a bulk left
   */
  public long take() {
    return depth == 0 && !refill() ? 0 : stack.get(--depth);
  }

  private boolean refill() {
    final int result;
    try {
      result = (int) DEQUEUE.invokeExact(dequeue, pool, stack.address(0), stack.capacity());
    } catch (Throwable t) {
      throw Libc.unexpected("rte_mempool_ops.dequeue", t);
    }
    depth = result == 0 ? stack.capacity() : 0;
    return result == 0;
  }

  /** Returns what was not used to the pool. */
  @Override
  public void close() {
    stack.free(0, depth);
    depth = 0;
  }
}
