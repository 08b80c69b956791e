package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ExportJournalRequest;
import dev.shadowplane.control.v1.ExportJournalResponse;
import dev.shadowplane.control.v1.ExportSummary;
import dev.shadowplane.dataplane.export.ExportListener;
import dev.shadowplane.dataplane.export.ExportTarget;
import io.grpc.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Has control export, and puts what comes where it belongs. */
final class ControlExport {
  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ExportTarget target;
  private final ExportListener listener;
  private @Nullable WritableByteChannel open;
  private @Nullable ExportSummary summary;

  ControlExport(final ExportTarget target, final ExportListener listener) {
    this.target = target;
    this.listener = listener;
  }

  /**
   * Runs it to its end, or until the listener cancels: what follows is then complete.
   *
   * @return control's summary; without numbers if it was cancelled
   */
  ExportSummary run(final ControlConnection connection, final ExportJournalRequest request)
      throws CommandFailure, IOException {
    final Context.CancellableContext context = Context.current().withCancellation();
    final Thread watch =
        Thread.ofPlatform()
            .daemon()
            .name("export-watch")
            .unstarted(() -> {
              while (!context.isCancelled()) {
                if (listener.isCancelled()) {
                  context.cancel(null);
                }
                LockSupport.parkNanos(LOOK_NS);
              }
            });
    watch.start();
    final Context before = context.attach();
    try (target) {
      connection.stream(stub -> receive(stub.exportJournal(request)));
      if (summary == null) {
        throw CommandFailure.job("control ended the export before it was complete: try again");
      }
      complete();
      return summary;
    } catch (CommandFailure e) {
      if (request.getFollow() && listener.isCancelled()) {
        complete();
        return ExportSummary.getDefaultInstance();
      }
      throw e;
    } finally {
      context.detach(before);
      context.cancel(null);
      if (open != null) {
        open.close();
      }
    }
  }

  private void receive(final Iterator<ExportJournalResponse> parts) throws IOException {
    while (parts.hasNext()) {
      final ExportJournalResponse part = parts.next();
      switch (part.getPartCase()) {
        case FILE -> {
          complete();
          open = target.open(part.getFile().getNumber(), part.getFile().getFirstNs());
        }
        case CHUNK -> write(part.getChunk().asReadOnlyByteBuffer());
        case PROGRESS ->
            listener.progress(
                part.getProgress().getFrames(),
                part.getProgress().getBytes(),
                part.getProgress().getPassedBytes(),
                part.getProgress().getPlannedBytes());
        case SUMMARY -> summary = part.getSummary();
        case PART_NOT_SET -> throw new IOException("control sent a part that is unknown here");
      }
    }
  }

  private void write(final ByteBuffer bytes) throws IOException {
    if (open == null) {
      throw new IOException("control sent bytes of no file");
    }
    while (bytes.hasRemaining()) {
      open.write(bytes);
    }
  }

  private void complete() throws IOException {
    if (open != null) {
      open.close();
      open = null;
      target.complete();
    }
  }
}
