package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * A native array of mbuf addresses: what burst functions fill and drain. Lives as long as the
 * process; used by one thread.
 */
public final class MbufBurst {
  private static final MethodHandle FREE_BULK =
      Linker.nativeLinker()
          .downcallHandle(
              Dpdk.rte_pktmbuf_free_bulk$address(), FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT));

  private final long address;
  private final int capacity;

  /**
   * An empty array.
   *
   * @param capacity how many addresses it holds
   */
  public MbufBurst(int capacity) {
    this.capacity = capacity;
    this.address = NativeMemory.allocate(capacity * 8L, 64);
  }

  /**
   * How many addresses fit.
   *
   * @return as given
   */
  public int capacity() {
    return capacity;
  }

  /**
   * Where entry {@code index} lies.
   *
   * @param index 0 to {@link #capacity()}
   * @return its address
   */
  public long address(int index) {
    return address + index * 8L;
  }

  /**
   * Entry {@code index}.
   *
   * @param index below {@link #capacity()}
   * @return the address of an mbuf
   */
  public long get(int index) {
    NativeMemory.check(index, 1, capacity);
    return NativeMemory.getLong(address + index * 8L);
  }

  /**
   * Sets entry {@code index}.
   *
   * @param index below {@link #capacity()}
   * @param mbuf the address of an mbuf
   */
  public void set(int index, long mbuf) {
    NativeMemory.check(index, 1, capacity);
    NativeMemory.putLong(address + index * 8L, mbuf);
  }

  /**
   * Gives up one reference to each of some entries.
   *
   * @param from index of the first
   * @param count how many; the references are the caller's and are gone afterwards
   */
  public void free(int from, int count) {
    NativeMemory.check(from, count, capacity);
    try {
      FREE_BULK.invokeExact(address(from), count);
    } catch (Throwable t) {
      throw Libc.unexpected("rte_pktmbuf_free_bulk", t);
    }
  }
}
