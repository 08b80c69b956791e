package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.security.SecureRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads and parses a capture on a thread of its own, a bounded number of batches ahead of whoever
 * takes them. For one taker.
 */
final class RecordsOfCapture implements AutoCloseable {
  private static final int BATCHES = 8;
  private static final int MAX_FRAMES = 64 * RecordBatch.CAPACITY;

  private final CaptureReader reader;
  private final String name;
  private final FrameRecords records;
  private final BlockingQueue<RecordBatch> empty = new ArrayBlockingQueue<>(BATCHES);
  private final BlockingQueue<RecordBatch> filled = new ArrayBlockingQueue<>(BATCHES);
  private final Arena arena = Arena.ofConfined();
  private final Thread thread = new Thread(this::run, "capture-reader");

  /**
   * Begins to read.
   *
   * @param reader left alone by all others until {@link #close}
   * @param name of the capture, for errors
   * @param frames which frames count
   * @param inner whether tunnelled packets are recorded instead of those that carry them
   */
  RecordsOfCapture(CaptureReader reader, String name, Match frames, boolean inner) {
    this.reader = reader;
    this.name = name;
    // A fresh key: whoever made the capture cannot have aimed its flows at one place of the index.
    final byte[] key = new byte[FlowHash.KEY_BYTES];
    new SecureRandom().nextBytes(key);
    records = new FrameRecords(new FlowHash(key), frames, inner);
    for (int i = 0; i < BATCHES; i++) {
      empty.add(new RecordBatch(arena));
    }
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The next batch, which goes back by {@link #done}.
   *
   * @throws InterruptedIOException when the thread is interrupted meanwhile
   */
  RecordBatch take() throws InterruptedIOException {
    try {
      return filled.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + ": interrupted while it was read");
    }
  }

  /** Gives a batch back. */
  void done(RecordBatch batch) {
    empty.add(batch);
  }

  /** Ends the reading, wherever it is. */
  @Override
  public void close() {
    thread.interrupt();
    ThreadEnd.await(thread);
    records.close();
    arena.close();
  }

  private void run() {
    try {
      boolean last = false;
      while (!last) {
        final RecordBatch batch = empty.take();
        batch.clear();
        try {
          last = !fill(batch);
        } catch (Throwable e) {
          batch.failure = e;
          last = true;
        }
        batch.offsetBytes = reader.offsetBytes();
        batch.last = last;
        filled.put(batch);
      }
    } catch (InterruptedException e) {
      // Closed: nobody takes the rest.
      Thread.currentThread().interrupt();
    }
  }

  /** Whether there may be more. */
  private boolean fill(RecordBatch batch) throws IOException {
    // What nobody wants is read in bounded lots too, so that progress is shown and closing is
    // heard.
    for (int read = 0; read < MAX_FRAMES && batch.count < RecordBatch.CAPACITY; read++) {
      if (!reader.next()) {
        return false;
      }
      switch (records.write(reader, batch.next())) {
        case WRITTEN -> batch.add(reader.timestampNs());
        case UNWANTED -> {}
        case UNKNOWN_LINK -> throw new UnsupportedLinkTypeException(name, reader.linkType());
      }
    }
    return true;
  }
}
