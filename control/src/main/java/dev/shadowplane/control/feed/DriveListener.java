package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.session.Session;
import java.util.Set;

/** Is told what driving comes to; called by the threads of many sessions. */
public interface DriveListener {
  /** A session is about to be driven, and must not be driven again. */
  default void begins(final Session session) {}

  /** One of those that began is over. */
  default void ended() {}

  /**
   * Both have answered a request, or the shadow will not.
   *
   * @param exchange the request and the answers.
   * @param kinds in what they differ; nothing if they are equal.
   * @param slow whether the shadow took much longer.
   */
  void compared(Exchange exchange, Set<DifferenceKind> kinds, boolean slow);
}
