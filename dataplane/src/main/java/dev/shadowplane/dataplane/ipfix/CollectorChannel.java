package dev.shadowplane.dataplane.ipfix;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A socket to a collector. Blocks in the resolution of a name alone. */
interface CollectorChannel extends AutoCloseable {
  /**
   * Begins to connect.
   *
   * @param config whom to
   * @throws IOException when there is no way to the collector
   */
  static CollectorChannel open(IpfixConfig config) throws IOException {
    final InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
    if (address.isUnresolved()) {
      throw new IOException("no host of that name is known");
    }
    return switch (config.transport()) {
      case UDP -> new UdpChannel(address, config.mtu());
      case TCP -> new TcpChannel(address);
    };
  }

  /** The longest message that it takes. */
  int maxMessageBytes();

  /**
   * Goes on connecting, and looks whether the collector is still there.
   *
   * @return whether messages can be written
   * @throws java.net.PortUnreachableException when a datagram sent before found nobody listening;
   *     others can be sent
   * @throws IOException when the session is over
   */
  boolean poll() throws IOException;

  /**
   * Writes what the kernel takes at once: of a message over UDP all or nothing.
   *
   * @param message what remains of it; its position moves
   * @throws java.net.PortUnreachableException when a datagram sent before found nobody listening;
   *     this one was not sent
   * @throws IOException when the session is over
   */
  void write(ByteBuffer message) throws IOException;

  @Override
  void close() throws IOException;
}
