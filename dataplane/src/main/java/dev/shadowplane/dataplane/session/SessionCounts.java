package dev.shadowplane.dataplane.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What reassembly met. Written by the thread that reassembles; others may read numbers that are a
 * little old.
 */
public final class SessionCounts {
  long frames;
  long otherFrames;
  long malformedFrames;
  long brokenDatagrams;
  long retransmittedBytes;
  long sessions;
  private final Map<Undrivable, Long> undrivable = new ConcurrentHashMap<>();

  SessionCounts() {}

  void undrivable(Undrivable reason, long more) {
    undrivable.merge(reason, more, Long::sum);
  }

  /** Frames read. */
  public long frames() {
    return frames;
  }

  /** Frames among them that are not TCP, or not of a wanted service. */
  public long otherFrames() {
    return otherFrames;
  }

  /** Frames whose TCP header is cut short or contradicts itself. */
  public long malformedFrames() {
    return malformedFrames;
  }

  /** Datagrams in fragments that overlap, stayed incomplete or found no room. */
  public long brokenDatagrams() {
    return brokenDatagrams;
  }

  /** Bytes that came again; the first copy counts, also where the later one differs. */
  public long retransmittedBytes() {
    return retransmittedBytes;
  }

  /** Sessions whose beginning was seen. */
  public long sessions() {
    return sessions;
  }

  /**
   * Sessions that cannot be driven, or not to their end.
   *
   * @param reason why
   * @return how many
   */
  public long undrivable(Undrivable reason) {
    return undrivable.getOrDefault(reason, 0L);
  }
}
