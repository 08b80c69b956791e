package dev.shadowplane.dataplane.telemetry;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A worker that writes a batch of records each duty cycle and swaps its ring between two cycles.
 */
final class TestWorker implements RecordRings<RecordRing>, AutoCloseable {
  private final Thread thread = Thread.ofPlatform().unstarted(this::run);
  private volatile @Nullable RecordRing ring;
  private volatile long cycles;
  private volatile boolean stop;
  private long cyclesAtDetach;

  TestWorker() {
    thread.start();
  }

  long cycles() {
    return cycles;
  }

  private void run() {
    long sequence = 0;
    while (!stop) {
      final RecordRing current = ring;
      sequence++;
      if (current != null) {
        write(current, sequence, (int) (sequence % 33));
      }
      cycles = sequence;
      LockSupport.parkNanos(1_000);
    }
  }

  private static void write(final RecordRing ring, final long sequence, final int count) {
    final int offset = ring.claim(RecordRing.BATCH_HEADER_LENGTH + 8 * count);
    if (offset < 0) {
      return;
    }
    ring.buffer().putLong(offset + RecordRing.BATCH_TIMESTAMP_OFFSET, sequence);
    ring.buffer().putInt(offset + RecordRing.BATCH_COUNT_OFFSET, count);
    ring.buffer().putInt(offset + RecordRing.BATCH_RESERVED_OFFSET, 0);
    for (int i = 0; i < count; i++) {
      ring.buffer().putLong(offset + RecordRing.BATCH_HEADER_LENGTH + 8 * i, sequence + i);
    }
    ring.commit(offset);
  }

  @Override
  public void attached(final long controlEpoch, final List<RecordRing> ringsByWorker) {
    ring = ringsByWorker.getFirst();
  }

  @Override
  public void detach() {
    ring = null;
    cyclesAtDetach = cycles;
  }

  @Override
  public boolean released() {
    // The cycle that was under way may still hold the ring, the one after it cannot.
    return cycles > cyclesAtDetach;
  }

  @Override
  public void close() {
    stop = true;
    try {
      thread.join();
    } catch (final InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
