package dev.shadowplane.dataplane.pcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.agrona.DirectBuffer;

/**
 * Writes a little-endian pcap file with nanoseconds. Nothing is allocated a frame. Not thread safe.
 */
public final class PcapWriter implements AutoCloseable {
  private static final long NANOS = 1_000_000_000L;

  private final ChannelOutput output;

  /**
   * Writes the file header.
   *
   * @param channel in blocking mode, owned and closed by the writer
   * @param linkType a LINKTYPE number
   * @param snapLengthBytes the longest frame to expect
   * @throws IOException when the channel fails
   */
  public PcapWriter(WritableByteChannel channel, int linkType, int snapLengthBytes)
      throws IOException {
    output = new ChannelOutput(channel);
    ByteBuffer bytes = output.reserve(CaptureFormat.PCAP_FILE_HEADER_BYTES);
    bytes.putInt(CaptureFormat.PCAP_MAGIC_NANO).putShort((short) 2).putShort((short) 4);
    bytes.putInt(0).putInt(0).putInt(snapLengthBytes).putInt(linkType);
  }

  /**
   * Writes one frame.
   *
   * @param timestampNs since the epoch, 0 to 2^32 seconds
   * @param originalLengthBytes its length on the wire
   * @param frame where its bytes are
   * @param offset of the first byte in {@code frame}
   * @param lengthBytes 0 to 262,144
   * @throws IOException when the channel fails
   */
  public void write(
      long timestampNs, int originalLengthBytes, DirectBuffer frame, int offset, int lengthBytes)
      throws IOException {
    ChannelOutput.checkFrame(lengthBytes, originalLengthBytes);
    long seconds = timestampNs / NANOS;
    if (timestampNs < 0 || seconds > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException(
          "timestamp " + timestampNs + " ns: pcap takes 0 to 2^32 seconds");
    }
    ByteBuffer bytes = output.reserve(CaptureFormat.PCAP_RECORD_HEADER_BYTES + lengthBytes);
    bytes.putInt((int) seconds).putInt((int) (timestampNs % NANOS));
    bytes.putInt(lengthBytes).putInt(originalLengthBytes);
    output.frame(frame, offset, lengthBytes);
  }

  /**
   * How long the file is so far.
   *
   * @return bytes, those not yet handed to the channel included
   */
  public long writtenBytes() {
    return output.writtenBytes();
  }

  /** Hands everything written so far to the channel. */
  public void flush() throws IOException {
    output.flush();
  }

  @Override
  public void close() throws IOException {
    output.close();
  }
}
