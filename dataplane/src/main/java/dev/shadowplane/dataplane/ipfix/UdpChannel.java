package dev.shadowplane.dataplane.ipfix;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** A message a datagram (RFC 7011, section 10.3). Connected, to learn that nobody listens. */
final class UdpChannel implements CollectorChannel {
  private static final int UDP_HEADER_BYTES = 8;
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int IPV6_HEADER_BYTES = 40;

  private final DatagramChannel channel;
  private final int maxMessageBytes;
  private final ByteBuffer unwanted = ByteBuffer.allocate(1);

  UdpChannel(InetSocketAddress collector, int mtu) throws IOException {
    maxMessageBytes =
        mtu
            - UDP_HEADER_BYTES
            - (collector.getAddress() instanceof Inet6Address
                ? IPV6_HEADER_BYTES
                : IPV4_HEADER_BYTES);
    channel = DatagramChannel.open();
    try {
      channel.configureBlocking(false);
      channel.connect(collector);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  @Override
  public boolean poll() throws IOException {
    channel.read(unwanted.clear());
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
