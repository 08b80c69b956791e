package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.agrona.DirectBuffer;

/** Frames alone, all of one link type. */
final class PcapOutput implements CaptureOutput {
  private final PcapWriter writer;
  private final int linkType;

  /** Begins the file; owns the channel. */
  PcapOutput(WritableByteChannel channel, int linkType) throws IOException {
    this.linkType = linkType;
    writer = new PcapWriter(channel, linkType, JournalRing.MAX_FRAME_BYTES);
  }

  @Override
  public void write(JournalReader frame, DirectBuffer bytes, int length) throws IOException {
    int frameType = ExportInterfaces.port(frame.session(), frame.portIndex()).linkType();
    if (frameType != linkType) {
      throw new IOException(
          "pcap holds one link type, and the journal has "
              + linkType
              + " and "
              + frameType
              + ": export pcapng, or the ports of one type");
    }
    writer.write(
        frame.timestampNs(), Math.max(length, frame.originalLengthBytes()), bytes, 0, length);
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
  public void finish() {}

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
