package dev.shadowplane.dataplane.journal;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Drains the workers' rings, each into a queue of the journal. Allocates nothing in steady state.
 */
public final class JournalAgent implements Agent {
  private final JournalWriter writer;
  private final OneToOneRingBuffer[] rings;
  private final MessageHandler[] handlers;
  private final int ringLimit;

  /**
   * Makes the agent.
   *
   * @param writer owned: closed with the agent
   * @param rings one a queue, of which this is the only consumer
   * @param ringLimit frames taken from a ring before the next ring's turn
   */
  public JournalAgent(JournalWriter writer, List<JournalRing> rings, int ringLimit) {
    this.writer = writer;
    this.rings = rings.stream().map(JournalRing::ring).toArray(OneToOneRingBuffer[]::new);
    this.ringLimit = ringLimit;
    handlers = new MessageHandler[this.rings.length];
    Arrays.setAll(
        handlers, queue -> (type, buffer, at, length) -> writer.append(queue, buffer, at, length));
  }

  @Override
  public int doWork() {
    int work = drain();
    return work + writer.poll();
  }

  private int drain() {
    int work = 0;
    for (int queue = 0; queue < rings.length; queue++) {
      work += rings[queue].read(handlers[queue], ringLimit);
    }
    return work;
  }

  private long consumedBytes() {
    long bytes = 0;
    for (OneToOneRingBuffer ring : rings) {
      bytes += ring.consumerPosition();
    }
    return bytes;
  }

  @Override
  public String roleName() {
    return "journal";
  }

  /** Journals what is in the rings, then closes the writer. Workers have stopped before. */
  @Override
  public void onClose() {
    // A read that only passes the padding at a ring's end returns 0: go by the positions.
    long before;
    do {
      before = consumedBytes();
      drain();
    } while (consumedBytes() != before);
    try {
      writer.close();
    } catch (JournalException e) {
      throw new UncheckedIOException(e);
    }
  }
}
