package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_mempool;
import dev.shadowplane.dpdk.abi23.rte_mempool_cache;
import dev.shadowplane.dpdk.abi23.rte_mempool_ops;
import dev.shadowplane.dpdk.abi23.rte_mempool_ops_table;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A stack of free mbufs, refilled in bulk as {@code rte_mempool_get_bulk} does: from what the
 * calling thread has freed last, which still lies in the processor's cache, else straight from the
 * pool. That function is inline and has no symbol, but what it calls is in {@code
 * rte_mempool_ops_table}. One thread at a time; allocates nothing on the heap but when the thread
 * changes. A thread that registers with DPDK does so before it uses this, and unregisters after.
 */
public final class MbufAllocator implements AutoCloseable {
  private static final MethodHandle DEQUEUE =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private static final long CACHE_LEN = rte_mempool_cache.len$offset();
  private static final long CACHE_OBJECTS = rte_mempool_cache.objs$offset();

  private final long pool;
  private final long caches;
  private final MemorySegment dequeue;
  private final MbufBurst stack;

  /** Where the stack lies, without a way through its object: this is asked for every frame. */
  private final long stackAddress;

  private int depth;
  private long user = -1;

  /** The calling thread's cache, or 0. */
  private long cache;

  /**
   * An empty stack over a pool.
   *
   * @param pool where mbufs come from; outlives this
   * @param bulk how many to take at a time
   */
  public MbufAllocator(PktmbufPool pool, int bulk) {
    this.pool = pool.address();
    this.stack = new MbufBurst(bulk);
    this.stackAddress = stack.address(0);
    this.caches = pool.caches();
    final int index = rte_mempool.ops_index(pool.segment().reinterpret(rte_mempool.sizeof()));
    this.dequeue =
        rte_mempool_ops.dequeue(
            rte_mempool_ops_table.ops(
                Dpdk.rte_mempool_ops_table().reinterpret(rte_mempool_ops_table.sizeof()), index));
  }

  /**
   * Takes one mbuf, reset to an empty frame. The caller becomes its sole owner.
   *
   * @return its address, or 0 when the pool has fewer than a bulk left and the thread's cache none
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
   * be set, as {@link Mbuf#begin} and {@link MbufView#attach} do. The caller becomes its sole
   * owner.
   *
   * @return its address, or 0 as {@link #allocate} does
   */
  public long take() {
    if (depth == 0 && !refill()) {
      return 0;
    }
    depth--;
    return NativeMemory.getLong(stackAddress + depth * 8L);
  }

  /**
   * Takes the mbuf back that {@link #take} gave last.
   *
   * @param mbuf as it was then
   */
  public void giveBack(long mbuf) {
    stack.set(depth++, mbuf);
  }

  private boolean refill() {
    final long thread = Thread.currentThread().threadId();
    if (user != thread) {
      user = thread;
      final int lcore = DpdkThread.lcore();
      cache = lcore < 0 || caches == 0 ? 0 : caches + lcore * rte_mempool_cache.sizeof();
    }
    final int cached = cache == 0 ? 0 : NativeMemory.getInt(cache + CACHE_LEN);
    return (cached >= stack.capacity() && takeCached(cached, stack.capacity()))
        || dequeue()
        || (cached > 0 && takeCached(cached, cached));
  }

  /** Takes those that were freed last off the top. */
  private boolean takeCached(int cached, int count) {
    final int left = cached - count;
    NativeMemory.copy(
        cache + CACHE_OBJECTS + (long) left * Long.BYTES,
        stack.address(0),
        (long) count * Long.BYTES);
    NativeMemory.putInt(cache + CACHE_LEN, left);
    depth = count;
    return true;
  }

  private boolean dequeue() {
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
