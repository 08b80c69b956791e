package dev.shadowplane.dataplane.pcap;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.agrona.DirectBuffer;

/** Little-endian output through one direct buffer, flushed when the next block would not fit. */
final class ChannelOutput implements Closeable {
  /** The largest frame, its headers and options, and room to batch small ones. */
  private static final int CAPACITY_BYTES = 512 << 10;

  private final WritableByteChannel channel;
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(CAPACITY_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private long flushedBytes;

  ChannelOutput(WritableByteChannel channel) {
    this.channel = channel;
  }

  /** Makes room for the next {@code length} bytes. */
  ByteBuffer reserve(int length) throws IOException {
    if (bytes.remaining() < length) {
      flush();
    }
    return bytes;
  }

  void frame(DirectBuffer frame, int offset, int length) {
    frame.getBytes(offset, bytes, length);
  }

  static void checkFrame(int length, int originalLength) {
    if (length < 0 || length > CaptureFormat.MAX_FRAME_BYTES || originalLength < 0) {
      throw new IllegalArgumentException(
          "frame of "
              + length
              + " bytes (originally "
              + originalLength
              + "): a capture takes 0 to "
              + CaptureFormat.MAX_FRAME_BYTES);
    }
  }

  /** Everything so far, handed to the channel or not. */
  long writtenBytes() {
    return flushedBytes + bytes.position();
  }

  void flush() throws IOException {
    bytes.flip();
    flushedBytes += bytes.limit();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    bytes.clear();
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      flush();
    }
  }
}
