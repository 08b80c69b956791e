package dev.shadowplane.dataplane.export;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** One stream, such as standard output: takes one file. */
public final class ChannelTarget implements ExportTarget {
  private final WritableByteChannel channel;

  /**
   * Writes nothing yet.
   *
   * @param channel in blocking mode, closed at the end in any case
   */
  public ChannelTarget(WritableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public WritableByteChannel open(int number, long firstNs) {
    if (number > 1) {
      throw new IllegalArgumentException("a stream is one file: do not split it");
    }
    return channel;
  }

  @Override
  public void complete() {}

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
