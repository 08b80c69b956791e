package dev.shadowplane.dataplane.ipfix;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A collector over TCP on the loopback interface, driven by the thread of the test. */
final class Collector implements AutoCloseable {
  private final ServerSocketChannel server;
  private final ByteBuffer received = ByteBuffer.allocate(1 << 20);
  private @Nullable SocketChannel connection;
  private Decoder decoder = new Decoder();

  /** Listens on a port, 0 for any. */
  Collector(int port) throws IOException {
    server = ServerSocketChannel.open();
    server.configureBlocking(false);
    server.setOption(java.net.StandardSocketOptions.SO_REUSEADDR, true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /** Takes a connection, a new session, and what has come. */
  void poll() throws IOException {
    if (connection == null) {
      connection = server.accept();
      if (connection == null) {
        return;
      }
      connection.configureBlocking(false);
      decoder = new Decoder();
      received.clear();
    }
    while (connection.read(received) > 0) {
      decoder.messages(received.flip());
      received.compact();
    }
  }

  boolean isConnected() {
    return connection != null;
  }

  /** Of the last session. */
  Decoder decoder() {
    return decoder;
  }

  /**
   * Ends the connection as a process that is killed with data unread does, and goes on listening.
   */
  void hangUp() throws IOException {
    if (connection != null) {
      connection.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
      connection.close();
      connection = null;
    }
  }

  @Override
  public void close() throws IOException {
    hangUp();
    server.close();
  }
}
