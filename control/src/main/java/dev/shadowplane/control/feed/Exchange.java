package dev.shadowplane.control.feed;

import org.jspecify.annotations.Nullable;

/**
 * A request and what both servers answered.
 *
 * @param timeNs when the request began in production, nanoseconds since the epoch.
 * @param service the service's name.
 * @param client the original client, {@code ADDRESS:PORT}.
 * @param request the request line of HTTP, of other protocols {@code turn N: } and how the client's
 *     bytes begin; printable, at most 200 characters.
 * @param primary production's answer.
 * @param shadow the shadow's; null if there was none.
 */
public record Exchange(
    long timeNs,
    String service,
    String client,
    String request,
    Answer primary,
    @Nullable Answer shadow) {}
