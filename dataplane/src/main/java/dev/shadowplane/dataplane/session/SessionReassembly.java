package dev.shadowplane.dataplane.session;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.replay.FrameSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of named services in the frames of a source. Retransmissions, overlaps (the first
 * copy of a byte counts), disorder, wrapped sequence numbers, IP fragments, VLAN tags and
 * half-closed connections are dealt with; what cannot be put together is given up for a named
 * reason. Frames may be hostile: work and memory are bounded by {@link SessionLimits}. One thread.
 */
public final class SessionReassembly {
  private static final int HIGHEST_PORT = 65_535;

  private final List<NamedService> services;
  private final SessionLimits limits;
  private final SessionListener listener;
  private final SessionCounts counts = new SessionCounts();
  private final SegmentParser parser = new SegmentParser(counts);
  private final HeldBytes held;
  private final boolean[] ports = new boolean[HIGHEST_PORT + 1];

  /** Those heard of the longest ago first. */
  private final LinkedHashMap<Ends, TcpConnection> connections =
      new LinkedHashMap<>(16, 0.75f, true);

  /** The two ends; the flow's hash under a secret key keeps hashes from being chosen. */
  private record Ends(
      int flowHash,
      boolean ipv6,
      long clientHigh,
      long clientLow,
      int clientPort,
      long serverHigh,
      long serverLow,
      int serverPort) {}

  /**
   * Begins with no session.
   *
   * @param services whose sessions are wanted
   * @param limits what it may take
   * @param listener is told of sessions
   */
  public SessionReassembly(
      List<NamedService> services, SessionLimits limits, SessionListener listener) {
    this.services = List.copyOf(services);
    this.limits = limits;
    this.listener = listener;
    this.held = new HeldBytes(limits.allHeldBytes());
    for (NamedService service : services) {
      ports[service.port()] = true;
    }
  }

  /** What has been met so far. */
  public SessionCounts counts() {
    return counts;
  }

  /**
   * Takes the current frame of a source.
   *
   * @param source of Ethernet frames; others are counted and passed over
   */
  public void accept(FrameSource source) {
    counts.frames++;
    if (source.linkType() != LinkType.ETHERNET) {
      counts.otherFrames++;
      return;
    }
    final @Nullable TcpSegment segment =
        parser.parse(source.frameAddress(), source.capturedLengthBytes(), source.timestampNs());
    if (segment != null) {
      accept(segment);
    }
  }

  private void accept(TcpSegment segment) {
    final @Nullable NamedService to =
        service(
            segment.ipv6, segment.destinationHigh, segment.destinationLow, segment.destinationPort);
    final @Nullable NamedService from =
        service(segment.ipv6, segment.sourceHigh, segment.sourceLow, segment.sourcePort);
    if (to == null && from == null) {
      counts.otherFrames++;
      return;
    }
    endIdle(segment.timestampNs);
    final boolean first = segment.has(TcpSegment.SYN) && !segment.has(TcpSegment.ACK);
    if (to != null && (from == null || first || connections.containsKey(ends(segment, true)))) {
      accept(segment, true, to);
    } else if (from != null && !first) {
      accept(segment, false, from);
    } else {
      counts.otherFrames++; // The service's host connects elsewhere.
    }
  }

  private void accept(TcpSegment segment, boolean ofClient, NamedService service) {
    final Ends ends = ends(segment, ofClient);
    final boolean syn = segment.has(TcpSegment.SYN);
    @Nullable TcpConnection connection = connections.get(ends);
    if (connection != null && syn && ofClient && connection.isOther(segment)) {
      connection.finish();
      connections.remove(ends);
      connection = null;
    }
    if (connection == null) {
      if (segment.has(TcpSegment.RST)) {
        return; // Refuses a connection, or ends one that is forgotten.
      }
      connection = open(segment, ofClient, service, syn);
      connections.put(ends, connection);
      makeRoom();
    }
    connection.accept(segment, ofClient);
  }

  private TcpConnection open(
      TcpSegment segment, boolean ofClient, NamedService service, boolean syn) {
    final InetSocketAddress source =
        address(segment.ipv6, segment.sourceHigh, segment.sourceLow, segment.sourcePort);
    final InetSocketAddress destination =
        address(
            segment.ipv6, segment.destinationHigh, segment.destinationLow, segment.destinationPort);
    final Session session =
        new Session(
            service.name(),
            ofClient ? source : destination,
            ofClient ? destination : source,
            segment.timestampNs);
    if (syn) {
      counts.sessions++;
      return new TcpConnection(limits, held, counts, listener.opened(session));
    }
    counts.undrivable(Undrivable.STARTED_MIDSTREAM, 1);
    listener.midstream(session);
    return new TcpConnection(limits, held, counts, null);
  }

  private void endIdle(long nowNs) {
    while (!connections.isEmpty()) {
      final Map.Entry<Ends, TcpConnection> oldest = connections.firstEntry();
      if (nowNs - oldest.getValue().seenNs() <= limits.idleNs()) {
        return;
      }
      connections.remove(oldest.getKey());
      oldest.getValue().finish();
    }
  }

  private void makeRoom() {
    while (connections.size() > limits.sessions()) {
      final Map.Entry<Ends, TcpConnection> oldest = connections.firstEntry();
      connections.remove(oldest.getKey());
      oldest.getValue().giveUp(Undrivable.LIMIT);
    }
  }

  /** How many bytes are held out of order. */
  long heldBytes() {
    return held.bytes();
  }

  /** Ends all sessions: nothing more will come. */
  public void end() {
    connections.values().forEach(TcpConnection::finish);
    connections.clear();
  }

  private @Nullable NamedService service(boolean ipv6, long high, long low, int port) {
    if (ports[port]) {
      for (NamedService service : services) {
        if (service.isAt(ipv6, high, low, port)) {
          return service;
        }
      }
    }
    return null;
  }

  private static Ends ends(TcpSegment segment, boolean ofClient) {
    return ofClient
        ? new Ends(
            segment.flowHash,
            segment.ipv6,
            segment.sourceHigh,
            segment.sourceLow,
            segment.sourcePort,
            segment.destinationHigh,
            segment.destinationLow,
            segment.destinationPort)
        : new Ends(
            segment.flowHash,
            segment.ipv6,
            segment.destinationHigh,
            segment.destinationLow,
            segment.destinationPort,
            segment.sourceHigh,
            segment.sourceLow,
            segment.sourcePort);
  }

  private static InetSocketAddress address(boolean ipv6, long high, long low, int port) {
    final byte[] bytes =
        ipv6
            ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
            : ByteBuffer.allocate(4).putInt((int) low).array();
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
