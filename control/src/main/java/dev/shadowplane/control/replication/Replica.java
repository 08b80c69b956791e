package dev.shadowplane.control.replication;

import java.io.IOException;

/** Something that follows its source. One thread uses it. */
interface Replica extends AutoCloseable {
  /**
   * Brings over what there is, and waits a moment for more when there is nothing. What fails is in
   * the progress, and is tried again by later calls.
   *
   * @param waitMs how long to wait at most.
   * @param barrier whether somebody waits for all that was committed before this call: it is
   *     brought over at once, whatever the mode.
   * @return whether all that was committed at the source before this call is visible at the target.
   * @throws IOException if nothing at all can be brought over; the message says why and what to do.
   */
  boolean step(int waitMs, boolean barrier) throws IOException, InterruptedException;

  /** Makes what was brought over last, and frees everything. */
  @Override
  void close() throws IOException;
}
