package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.ExportJournalRequest;
import dev.shadowplane.control.v1.ExportJournalResponse;
import dev.shadowplane.control.v1.ExportProgress;
import dev.shadowplane.control.v1.ExportSummary;
import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.export.ExportListener;
import dev.shadowplane.dataplane.export.ExportOptions;
import dev.shadowplane.dataplane.export.JournalExport;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dpdk.DpdkException;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The streams that export the journal: a bounded number, each with a thread while it lasts. */
public final class JournalExports {
  /** Streams at one time. */
  static final int MAX_STREAMS = 4;

  private final @Nullable Path journal;
  private final @Nullable Path keyFile;
  private final List<Anonymisation> anonymisations;
  private final Semaphore slots = new Semaphore(MAX_STREAMS);

  JournalExports(final ControlConfig config) {
    this.journal = config.journal();
    this.keyFile = config.keyFile();
    this.anonymisations = config.anonymisations();
  }

  /**
   * The contract's form of a summary.
   *
   * @param summary of an export.
   * @return the same.
   */
  public static ExportSummary summary(final JournalExport.Summary summary) {
    return ExportSummary.newBuilder()
        .setFrames(summary.frames())
        .setBytes(summary.bytes())
        .setFirstNs(summary.firstNs())
        .setLastNs(summary.lastNs())
        .setFiles(summary.files())
        .setDamageCount(summary.damageCount())
        .addAllDamages(
            summary.damages().stream().map(damage -> String.valueOf(damage.getMessage())).toList())
        .build();
  }

  /** Starts a stream; must be called before the service method of the call returns. */
  void start(
      final ExportJournalRequest request,
      final ServerCallStreamObserver<ExportJournalResponse> client,
      final Executor executor) {
    if (journal == null) {
      throw Status.FAILED_PRECONDITION
          .withDescription(
              "control exports no journal: set 'journal' in its configuration to the folder that the data plane writes")
          .asRuntimeException();
    }
    final ExportOptions options = ExportRequests.options(request, anonymisations);
    if (!slots.tryAcquire()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              MAX_STREAMS + " exports run, the most there may be: try again when one has ended")
          .asRuntimeException();
    }
    final ChunkChannel channel = new ChunkChannel(client);
    executor.execute(() -> {
      try {
        run(journal, options, client, channel);
      } finally {
        slots.release();
      }
    });
  }

  private void run(
      final Path journal,
      final ExportOptions options,
      final ServerCallStreamObserver<ExportJournalResponse> client,
      final ChunkChannel channel) {
    try {
      final JournalExport.Summary summary =
          JournalExport.run(query(journal), options, channel, new Watch(client));
      client.onNext(ExportJournalResponse.newBuilder().setSummary(summary(summary)).build());
      client.onCompleted();
    } catch (JournalException | ConfigException e) {
      end(client, Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
    } catch (IOException e) {
      end(client, Status.ABORTED.withDescription(e.getMessage()).asRuntimeException());
    } catch (DpdkException e) {
      end(client, Failures.invalid(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      end(client, Failures.of(e));
    }
  }

  /** The keys are read each time: they may have been rotated. */
  private JournalQuery query(final Path journal) throws JournalException {
    return JournalQuery.of(journal).keyFile(keyFile);
  }

  /** Tells the client how far it is, when it keeps up, and ends when the client has gone. */
  private static final class Watch implements ExportListener {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private final ServerCallStreamObserver<ExportJournalResponse> client;
    private long toldNs = System.nanoTime();

    private Watch(final ServerCallStreamObserver<ExportJournalResponse> client) {
      this.client = client;
    }

    @Override
    public void progress(
        final long frames, final long bytes, final long passedBytes, final long plannedBytes) {
      final long nowNs = System.nanoTime();
      if (nowNs - toldNs >= INTERVAL_NS && client.isReady()) {
        toldNs = nowNs;
        client.onNext(
            ExportJournalResponse.newBuilder()
                .setProgress(
                    ExportProgress.newBuilder()
                        .setFrames(frames)
                        .setBytes(bytes)
                        .setPassedBytes(passedBytes)
                        .setPlannedBytes(plannedBytes))
                .build());
      }
    }

    @Override
    public boolean isCancelled() {
      return client.isCancelled();
    }
  }

  private static void end(
      final ServerCallStreamObserver<ExportJournalResponse> client,
      final RuntimeException failure) {
    if (!client.isCancelled()) {
      client.onError(failure);
    }
  }
}
