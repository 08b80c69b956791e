package dev.shadowplane.dataplane.analytics;

/** Takes what has changed about flows, so that sums can be kept without looking at packets. */
@FunctionalInterface
public interface FlowChangeSink {
  /** Wants to know nothing, so that nothing is looked for. */
  FlowChangeSink NONE = (flow, packets, bytes, answerPackets, answerBytes, state) -> {};

  /** It has not been told of before. */
  int BEGUN = 1;

  /** It will not be told of again. */
  int ENDED = 2;

  /**
   * A flow has had packets since it was told of last, or has begun or ended. Told of once a second
   * at most while the flow lasts, and once when it ends or is cut; all changes of a flow add up to
   * its packets and bytes. On the thread of the flow table.
   *
   * @param flow the flow, valid during the call
   * @param packets by the initiator since then
   * @param bytes of their frames
   * @param answerPackets by the other side since then
   * @param answerBytes of their frames
   * @param state a set of {@link #BEGUN} and {@link #ENDED}
   */
  void onChange(
      FlowView flow, long packets, long bytes, long answerPackets, long answerBytes, int state);

  /**
   * Lets it do a bounded piece of what is due beside changes. Called once a duty cycle, on the
   * thread of the flow table.
   *
   * @param nowNs time of the flow table, ns since 1970
   * @return 0 when nothing was due
   */
  default int advance(long nowNs) {
    return 0;
  }
}
