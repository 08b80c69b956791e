package dev.shadowplane.control.api;

import com.google.protobuf.ByteString;
import dev.shadowplane.control.v1.ExportFile;
import dev.shadowplane.control.v1.ExportJournalResponse;
import dev.shadowplane.dataplane.export.ExportTarget;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The files of an export go to a client in chunks, no faster than the client takes them: a write
 * waits, and fails when the client has gone or takes nothing for {@value #PATIENCE_SECONDS} s. For
 * one writing thread.
 */
final class ChunkChannel implements WritableByteChannel, ExportTarget {
  private static final long PATIENCE_SECONDS = 30;

  private final ServerCallStreamObserver<ExportJournalResponse> client;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean open;

  /**
   * Must be made before the service method of the call returns: afterwards gRPC takes no handlers.
   */
  ChunkChannel(final ServerCallStreamObserver<ExportJournalResponse> client) {
    this.client = client;
    client.setOnReadyHandler(this::signal);
    client.setOnCancelHandler(this::signal);
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public WritableByteChannel open(final int number, final long firstNs) throws IOException {
    awaitReady();
    client.onNext(
        ExportJournalResponse.newBuilder()
            .setFile(ExportFile.newBuilder().setNumber(number).setFirstNs(firstNs))
            .build());
    open = true;
    return this;
  }

  @Override
  public void complete() {}

  @Override
  public int write(final ByteBuffer source) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    final int length = source.remaining();
    awaitReady();
    // Writers of captures hand over whole blocks: a client may stop behind any chunk.
    client.onNext(ExportJournalResponse.newBuilder().setChunk(ByteString.copyFrom(source)).build());
    return length;
  }

  private void awaitReady() throws IOException {
    long remainingNs = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    lock.lock();
    try {
      while (!client.isReady() || client.isCancelled()) {
        if (client.isCancelled()) {
          throw new IOException("the client has gone");
        }
        if (remainingNs <= 0) {
          throw new IOException(
              "the client took nothing for " + PATIENCE_SECONDS + " s: read the stream faster");
        }
        remainingNs = changed.awaitNanos(remainingNs);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("control ends");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
