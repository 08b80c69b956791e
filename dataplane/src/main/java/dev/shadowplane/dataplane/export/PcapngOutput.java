package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.pcap.Direction;
import dev.shadowplane.dataplane.pcap.PcapngWriter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Frames with their interfaces, directions and comments, and counters at the end. */
final class PcapngOutput implements CaptureOutput {
  private static final String APPLICATION = "Shadowplane";

  private final PcapngWriter writer;
  private final ExportInterfaces interfaces;
  private final @Nullable PacketComments comments;

  /** Begins the file; owns the channel. */
  PcapngOutput(
      WritableByteChannel channel,
      String about,
      ExportInterfaces interfaces,
      @Nullable PacketComments comments)
      throws IOException {
    this.interfaces = interfaces;
    this.comments = comments;
    writer = new PcapngWriter(channel, APPLICATION, about);
    interfaces.begin(writer);
  }

  @Override
  public void write(JournalReader frame, DirectBuffer bytes, int length) throws IOException {
    int direction = frame.direction();
    boolean known = direction == Direction.INBOUND || direction == Direction.OUTBOUND;
    writer.write(
        interfaces.id(writer, frame.session(), frame.portIndex()),
        frame.timestampNs(),
        known ? direction : Direction.UNKNOWN,
        Math.max(length, frame.originalLengthBytes()),
        bytes,
        0,
        length,
        comments == null ? null : comments.of(frame));
  }

  @Override
  public long writtenBytes() {
    return writer.writtenBytes();
  }

  @Override
  public void flush() throws IOException {
    writer.flush();
  }

  @Override
  public void finish() throws IOException {
    interfaces.finish(writer);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
