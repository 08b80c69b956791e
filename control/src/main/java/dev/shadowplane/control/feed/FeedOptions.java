package dev.shadowplane.control.feed;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How sessions are driven.
 *
 * @param target where they go; null for the address that the original client connected to.
 * @param clientAddresses whether connections come from the original client's address, where that is
 *     an address of this network namespace.
 * @param speed how much faster than originally, 0.01 to 100.
 * @param delayNs live sessions are driven so much later than they were.
 * @param lateNs live sessions that are behind by more than this are not driven.
 * @param sessions how many are driven at once.
 * @param answerNs how long the shadow has to connect and to answer.
 * @param slowFactor an answer counts as slow when it took more than this times production's
 *     latency,
 * @param slowNs and this.
 */
public record FeedOptions(
    @Nullable InetSocketAddress target,
    boolean clientAddresses,
    double speed,
    long delayNs,
    long lateNs,
    int sessions,
    long answerNs,
    double slowFactor,
    long slowNs) {
  /** What holds where nothing else is said. */
  public static final FeedOptions DEFAULT =
      new FeedOptions(
          null,
          true,
          1,
          TimeUnit.MILLISECONDS.toNanos(250),
          TimeUnit.SECONDS.toNanos(60),
          4_096,
          TimeUnit.SECONDS.toNanos(10),
          3,
          TimeUnit.MILLISECONDS.toNanos(100));

  /** The same towards one server. */
  public FeedOptions to(final InetSocketAddress server) {
    return new FeedOptions(
        server, clientAddresses, speed, delayNs, lateNs, sessions, answerNs, slowFactor, slowNs);
  }

  /** The same at another speed. */
  public FeedOptions at(final double times) {
    return new FeedOptions(
        target, clientAddresses, times, delayNs, lateNs, sessions, answerNs, slowFactor, slowNs);
  }
}
