package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes flows on a thread of its own, a bounded number behind whoever has them, who waits when it
 * falls further behind. What cannot be written is told by a later call, {@link #close} at the
 * latest. For one caller.
 */
public final class FlowWriterThread implements FlowWriter {
  private static final int BATCH = 256;
  private static final int BATCHES = 16;
  private static final List<Flow> END = List.of();

  private final FlowWriter writer;
  private final BlockingQueue<List<Flow>> batches = new ArrayBlockingQueue<>(BATCHES);
  private final Thread thread = new Thread(this::run, "flow-writer");
  private List<Flow> batch = new ArrayList<>(BATCH);
  private volatile @Nullable Throwable failure;
  private boolean closed;

  /**
   * Begins to write.
   *
   * @param writer left alone by all others until {@link #close}, which closes it
   */
  public FlowWriterThread(FlowWriter writer) {
    this.writer = writer;
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void write(Flow flow) throws IOException {
    batch.add(flow);
    if (batch.size() == BATCH) {
      rethrow();
      hand(batch);
      batch = new ArrayList<>(BATCH);
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (!batch.isEmpty()) {
      hand(batch);
    }
    hand(END);
    ThreadEnd.await(thread);
    rethrow();
  }

  private void hand(List<Flow> flows) throws InterruptedIOException {
    try {
      batches.put(flows);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while flows were written");
    }
  }

  private void rethrow() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw new IOException(e.getMessage(), e);
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  private void run() {
    try {
      for (List<Flow> flows = batches.take(); !flows.isEmpty(); flows = batches.take()) {
        // After a failure the rest is taken and dropped, so that nobody waits for room.
        if (failure == null) {
          write(flows);
        }
      }
      if (failure == null) {
        writer.close();
      }
    } catch (InterruptedException e) {
      failure = new InterruptedIOException("interrupted while flows were written");
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
  }

  private void write(List<Flow> flows) {
    try {
      for (Flow flow : flows) {
        writer.write(flow);
      }
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
  }
}
