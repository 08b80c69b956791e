package dev.shadowplane.dpdk;

import java.lang.foreign.MemorySegment;

/**
 * A native call failed, or DPDK is not what the bindings were made for. The message is one line and
 * names the remedy.
 */
public final class DpdkException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int errno;

  /**
   * A failure that no error number describes.
   *
   * @param message what is wrong and what to do
   */
  public DpdkException(String message) {
    super(message);
    this.errno = 0;
  }

  /**
   * A call that reported an error number.
   *
   * @param call the function and its arguments, as in {@code rte_eth_dev_start(port=client)}
   * @param errno the positive error number
   * @param remedy what to do about it
   */
  public DpdkException(String call, int errno, String remedy) {
    super(call + " failed: " + text(errno) + " (" + errno + "): " + remedy);
    this.errno = errno;
  }

  /**
   * The error number of the call.
   *
   * @return positive, or 0 when there is none
   */
  public int errno() {
    return errno;
  }

  private static String text(int errno) {
    final MemorySegment text = dev.shadowplane.dpdk.abi23.Dpdk.rte_strerror(errno);
    return text.reinterpret(256).getString(0);
  }
}
