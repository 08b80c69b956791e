package dev.shadowplane.dataplane.session;

import java.net.InetSocketAddress;

/**
 * A TCP connection between a client and a named service.
 *
 * @param service the service's name
 * @param client the end that connected
 * @param server the end that was connected to
 * @param startNs when its first SYN was seen, in nanoseconds since the epoch
 */
public record Session(
    String service, InetSocketAddress client, InetSocketAddress server, long startNs) {}
