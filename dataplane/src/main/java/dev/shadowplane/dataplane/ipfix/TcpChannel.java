package dev.shadowplane.dataplane.ipfix;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One message after another (RFC 7011, section 10.4). */
final class TcpChannel implements CollectorChannel {
  /** Long enough that calls of the kernel do not matter, short enough to be lost. */
  private static final int MAX_MESSAGE_BYTES = 16_384;

  private static final int READ_BYTES = 4_096;

  private final SocketChannel channel;
  private final ByteBuffer unwanted = ByteBuffer.allocate(READ_BYTES);

  TcpChannel(InetSocketAddress collector) throws IOException {
    channel = SocketChannel.open();
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      channel.connect(collector);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public int maxMessageBytes() {
    return MAX_MESSAGE_BYTES;
  }

  @Override
  public boolean poll() throws IOException {
    if (!channel.finishConnect()) {
      return false;
    }
    if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
      // On one host, a port that nobody listens on may become that of this very socket.
      throw new ConnectException("nobody listens there");
    }
    // Collectors send nothing; what comes is its end, or has to be taken for the end to be seen.
    if (channel.read(unwanted.clear()) < 0) {
      throw new EOFException("the collector closed the connection");
    }
    return true;
  }

  @Override
  public void write(ByteBuffer message) throws IOException {
    channel.write(message);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
