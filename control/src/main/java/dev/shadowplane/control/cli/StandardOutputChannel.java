package dev.shadowplane.control.cli;

import dev.shadowplane.dpdk.StandardOutput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** Standard output as a stream of bytes, whose reader may go at any time. */
final class StandardOutputChannel implements WritableByteChannel {
  private final FileChannel out = new FileOutputStream(FileDescriptor.out).getChannel();
  private boolean refused;

  /** Whether it is a pipe that nobody reads any more. */
  boolean isReaderGone() {
    return refused || StandardOutput.isReaderGone();
  }

  @Override
  public int write(final ByteBuffer source) throws IOException {
    try {
      return out.write(source);
    } catch (IOException e) {
      refused = StandardOutput.isReaderGone();
      throw e;
    }
  }

  @Override
  public boolean isOpen() {
    return out.isOpen();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
