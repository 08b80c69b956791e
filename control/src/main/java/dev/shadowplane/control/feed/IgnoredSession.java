package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.session.SessionObserver;
import dev.shadowplane.dataplane.session.Undrivable;

/** A session that nobody drives. */
final class IgnoredSession implements SessionObserver {
  @Override
  public void clientData(final byte[] bytes, final long timestampNs, final long serverBytesSeen) {}

  @Override
  public void serverData(final byte[] bytes, final long timestampNs) {}

  @Override
  public void clientEnd(final long timestampNs, final long serverBytesSeen) {}

  @Override
  public void serverEnd(final long timestampNs) {}

  @Override
  public void reset(final long timestampNs, final long serverBytesSeen) {}

  @Override
  public void undrivable(final Undrivable reason) {}

  @Override
  public void ended() {}
}
