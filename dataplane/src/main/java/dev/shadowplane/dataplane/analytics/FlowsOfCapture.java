package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.LinkLayer;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The flows of a capture file, by the code that serves live traffic, with all statistics. Memory is
 * bounded by the flow table, whatever the length of the capture; each flow is handed out as it
 * ends. Frames count as long as they were on their own link.
 */
public final class FlowsOfCapture {
  private static final int SWEEP_SLOTS = 256;

  private final FlowTableConfig config;
  private final Match frames;
  private final boolean inner;

  /**
   * What is read from every capture.
   *
   * @param config limits of the flow table
   * @param frames which frames count, by the selectors of mirror rules; they see the frames as they
   *     are, those of other link types as if Ethernet carried them
   * @param inner whether a packet that VXLAN or Geneve carries counts in its own flow instead of
   *     the tunnel's
   */
  public FlowsOfCapture(FlowTableConfig config, Match frames, boolean inner) {
    this.config = config;
    this.frames = frames;
    this.inner = inner;
  }

  /**
   * Reads a capture file to its end, tunnels as they are.
   *
   * @param capture a pcap or pcapng file of a link type that {@link LinkLayer} knows
   * @param config limits of the flow table
   * @param sink takes every flow
   * @return totals
   * @throws UnsupportedLinkTypeException at the first frame of another link type
   * @throws IOException when the file cannot be read or is damaged; the flows of the frames before
   *     have then been handed out
   */
  public static TrafficSummary read(Path capture, FlowTableConfig config, FlowSink sink)
      throws IOException {
    try (CaptureReader reader = CaptureReader.open(capture)) {
      return new FlowsOfCapture(config, Match.ALL, false)
          .read(reader, capture.toString(), sink, CaptureProgress.NONE);
    }
  }

  /**
   * Reads an open capture to its end, on another thread than the caller's, on which the flows are
   * kept and handed out.
   *
   * @param reader the capture; it stays open, and must not be used meanwhile, or at all after a
   *     failure
   * @param name of the capture, for errors
   * @param sink takes every flow, on the caller's thread
   * @param progress is told how far it is, on the caller's thread
   * @return totals
   * @throws UnsupportedLinkTypeException at the first frame of another link type
   * @throws IOException when the capture cannot be read or is damaged; the flows of the frames
   *     before have then been handed out
   */
  public TrafficSummary read(
      CaptureReader reader, String name, FlowSink sink, CaptureProgress progress)
      throws IOException {
    return read(reader, name, sink, FlowChangeSink.NONE, progress);
  }

  /**
   * Reads an open capture to its end and tells of changes too, as above.
   *
   * @param reader the capture
   * @param name of the capture, for errors
   * @param sink takes every flow
   * @param changes is told of flows that change, on the caller's thread
   * @param progress is told how far it is
   * @return totals
   * @throws UnsupportedLinkTypeException at the first frame of another link type
   * @throws IOException when the capture cannot be read or is damaged
   */
  public TrafficSummary read(
      CaptureReader reader,
      String name,
      FlowSink sink,
      FlowChangeSink changes,
      CaptureProgress progress)
      throws IOException {
    try (FlowTable table = new FlowTable(config, sink, changes);
        RecordsOfCapture records = new RecordsOfCapture(reader, name, frames, inner)) {
      final RecordIntake intake = new RecordIntake(table);
      RecordBatch batch = records.take();
      while (!batch.last) {
        take(batch, table, intake);
        advance(changes, table.nowNs());
        progress.at(intake.records(), batch.offsetBytes);
        records.done(batch);
        batch = records.take();
      }
      take(batch, table, intake);
      advance(changes, table.nowNs());
      table.endAll(EndReason.END_OF_INPUT);
      rethrow(batch.failure);
      return TrafficSummary.of(intake, table);
    }
  }

  private static void take(RecordBatch batch, FlowTable table, RecordIntake intake) {
    final long[] records = new long[FlowTable.BATCH];
    final long[] timestampsNs = new long[FlowTable.BATCH];
    for (int i = 0; i < batch.count; i += FlowTable.BATCH) {
      final int count = Math.min(FlowTable.BATCH, batch.count - i);
      System.arraycopy(batch.records, i, records, 0, count);
      System.arraycopy(batch.timestampsNs, i, timestampsNs, 0, count);
      intake.take(records, timestampsNs, count);
      table.sweep(SWEEP_SLOTS);
    }
  }

  private static void advance(FlowChangeSink changes, long nowNs) {
    int work = changes.advance(nowNs);
    while (work > 0) {
      work = changes.advance(nowNs);
    }
  }

  private static void rethrow(@Nullable Throwable failure) throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }
}
