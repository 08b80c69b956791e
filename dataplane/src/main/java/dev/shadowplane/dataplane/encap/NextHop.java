package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dpdk.NativeMemory;

/**
 * The neighbour that outer packets are handed to. The conductor resolves it; workers read it, and
 * send the question when it is due, since a transmit queue has one owner: so nobody is asked as
 * long as there is nothing to send.
 */
public final class NextHop {
  /** No MAC address. */
  static final long UNRESOLVED = -1;

  private final long question;
  private final int questionBytes;
  private volatile long mac;
  private volatile boolean due;

  /**
   * A neighbour whose address is known for good.
   *
   * @param mac 48 bits, the first byte in the highest
   */
  public NextHop(long mac) {
    this.mac = mac;
    this.question = 0;
    this.questionBytes = 0;
  }

  /**
   * A neighbour to be asked.
   *
   * @param question a whole frame
   */
  public NextHop(byte[] question) {
    this.mac = UNRESOLVED;
    this.questionBytes = question.length;
    this.question = NativeMemory.allocate(question.length, Long.BYTES);
    NativeMemory.copy(question, this.question, question.length);
  }

  /**
   * Says where it is; the conductor.
   *
   * @param address 48 bits, the first byte in the highest
   */
  public void resolved(long address) {
    mac = address;
  }

  /** Says that it does not answer; the conductor. */
  public void lost() {
    mac = UNRESOLVED;
  }

  /** Asks workers to send the question with the next frame that is for it; the conductor. */
  public void ask() {
    due = true;
  }

  /**
   * Whether the question waits to be sent.
   *
   * @return false once a worker has sent it
   */
  public boolean isDue() {
    return due;
  }

  /** A worker has sent the question. */
  void asked() {
    due = false;
  }

  /** Its address, or {@link #UNRESOLVED}. */
  long mac() {
    return mac;
  }

  /** Where the frame lies that asks for it. */
  long question() {
    return question;
  }

  int questionBytes() {
    return questionBytes;
  }
}
