package dev.shadowplane.control.feed;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Up to where sessions have been driven, in a mapped file, which survives the end of the process in
 * whatever way: no session is driven twice. A session is told of before it begins; those that begin
 * later than the latest told of are driven by the feed that resumes, those before are not.
 */
public final class FeedPosition implements AutoCloseable {
  private static final long MAGIC = 0x5350_4645_4544_0001L;
  private static final int MAGIC_AT = 0;
  private static final int LATEST_AT = 8;
  private static final int RUNNING_AT = 16;
  private static final int BYTES = 24;

  private final FileChannel channel;
  private final MappedByteBuffer map;
  private final long resumedNs;
  private final long lost;

  /**
   * Opens or makes a file.
   *
   * @param file the file; one that holds something else is replaced.
   * @throws IOException when it cannot be read or written.
   */
  public FeedPosition(final Path file) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    final boolean found = channel.size() == BYTES;
    map = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
    final boolean known = found && map.getLong(MAGIC_AT) == MAGIC;
    resumedNs = known ? map.getLong(LATEST_AT) : 0;
    lost = known ? Math.max(0, map.getLong(RUNNING_AT)) : 0;
    map.putLong(RUNNING_AT, 0);
    map.putLong(LATEST_AT, resumedNs);
    map.putLong(MAGIC_AT, MAGIC);
  }

  /**
   * When the latest session began that was driven before.
   *
   * @return nanoseconds since the epoch; 0 if there was none.
   */
  public long resumedNs() {
    return resumedNs;
  }

  /** How many sessions were being driven when the feed before ended without closing. */
  public long lost() {
    return lost;
  }

  /** A session is about to be driven. */
  public synchronized void begins(final long startNs) {
    map.putLong(LATEST_AT, Math.max(startNs, map.getLong(LATEST_AT)));
    map.putLong(RUNNING_AT, map.getLong(RUNNING_AT) + 1);
  }

  /** One of them is over. */
  public synchronized void ended() {
    map.putLong(RUNNING_AT, map.getLong(RUNNING_AT) - 1);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
