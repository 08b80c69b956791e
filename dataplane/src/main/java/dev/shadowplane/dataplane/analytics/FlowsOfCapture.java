package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.LinkLayer;
import dev.shadowplane.dpdk.NativeMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * The flows of a capture file, by the code that serves live traffic. Memory is bounded by the flow
 * table, whatever the length of the capture; each flow is handed out as it ends. Frames of other
 * link types count as long as they would be on Ethernet.
 */
public final class FlowsOfCapture {
  private static final int FRAMES_PER_SWEEP = 32;
  private static final int SWEEP_SLOTS = 256;

  private FlowsOfCapture() {}

  /**
   * Reads a capture file to its end.
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
      return read(reader, capture.toString(), config, sink);
    }
  }

  /**
   * Reads an open capture to its end.
   *
   * @param reader the capture, which stays open
   * @param name of the capture, for errors
   * @param config limits of the flow table
   * @param sink takes every flow
   * @return totals
   * @throws UnsupportedLinkTypeException at the first frame of another link type
   * @throws IOException when the capture cannot be read or is damaged; the flows of the frames
   *     before have then been handed out
   */
  public static TrafficSummary read(
      CaptureReader reader, String name, FlowTableConfig config, FlowSink sink) throws IOException {
    // A fresh key: whoever made the capture cannot have aimed its flows at one place of the index.
    final byte[] key = new byte[FlowHash.KEY_BYTES];
    new SecureRandom().nextBytes(key);
    final FrameParser parser = new FrameParser(new FlowHash(key));
    try (Arena arena = Arena.ofConfined();
        FlowTable table = new FlowTable(config, sink)) {
      final RecordIntake intake = new RecordIntake(table);
      final long record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, Long.BYTES);
      final HeadersOfCapture headers = new HeadersOfCapture();
      try {
        while (reader.next()) {
          if (!headers.read(reader)) {
            throw new UnsupportedLinkTypeException(name, reader.linkType());
          }
          parser.parse(headers.address(), headers.available(), headers.frameLength(), 0, record);
          intake.take(record, reader.timestampNs());
          if (intake.records() % FRAMES_PER_SWEEP == 0) {
            table.sweep(SWEEP_SLOTS);
          }
        }
      } finally {
        table.endAll(EndReason.END_OF_INPUT);
      }
      return TrafficSummary.of(intake, table);
    }
  }
}
