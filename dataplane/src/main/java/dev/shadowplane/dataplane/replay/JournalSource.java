package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.journal.JournalSession;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A time window of a journal, also of one that is being written. Damaged places are told and passed
 * over.
 */
public final class JournalSource implements FrameSource {
  private final Path folder;
  private final long fromNs;
  private final long toNs;
  private final boolean follow;
  private final Consumer<String> problems;
  private final Int2ObjectHashMap<JournalPort> ports = new Int2ObjectHashMap<>();

  /** Which session the ports are of, if {@link #known}. */
  private long sessionNs;

  private boolean known;
  private JournalReader reader;

  /**
   * Opens a window.
   *
   * @param folder of the journal
   * @param fromNs the first nanosecond, since the epoch
   * @param toNs the first nanosecond after it
   * @param follow whether frames that are journaled later belong to it
   * @param problems is told of each damaged place
   * @throws IOException when there is no journal or it cannot be opened
   */
  public JournalSource(
      Path folder, long fromNs, long toNs, boolean follow, Consumer<String> problems)
      throws IOException {
    this.folder = folder;
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.follow = follow;
    this.problems = problems;
    this.reader = open(fromNs);
  }

  private JournalReader open(long from) throws IOException {
    return new JournalReader(
        folder,
        from,
        toNs,
        new JournalEvents() {
          @Override
          public void damage(JournalException damage) {
            problems.accept(String.valueOf(damage.getMessage()));
          }
        });
  }

  @Override
  public boolean next() throws IOException {
    return reader.next();
  }

  @Override
  public boolean isGrowing() {
    return follow;
  }

  @Override
  public long timestampNs() {
    return reader.timestampNs();
  }

  @Override
  public long frameAddress() {
    return reader.frameAddress();
  }

  @Override
  public int capturedLengthBytes() {
    return reader.capturedLengthBytes();
  }

  @Override
  public int linkType() {
    final @Nullable JournalPort port = port();
    return port == null ? LinkType.ETHERNET : port.linkType();
  }

  @Override
  public String portName() {
    final @Nullable JournalPort port = port();
    return port == null ? "" : port.name();
  }

  private @Nullable JournalPort port() {
    final @Nullable JournalSession current = reader.session();
    if (current == null) {
      return null;
    }
    if (!known || current.startNs() != sessionNs) {
      known = true;
      sessionNs = current.startNs();
      ports.clear();
      current.ports().forEach(port -> ports.put(port.index(), port));
    }
    return ports.get(reader.portIndex());
  }

  @Override
  public long positionBytes() {
    return UNKNOWN;
  }

  @Override
  public long sizeBytes() {
    return UNKNOWN;
  }

  @Override
  public void seek(long timeNs) throws IOException {
    final JournalReader next = open(Math.max(fromNs, timeNs));
    reader.close();
    reader = next;
    known = false;
  }

  @Override
  public void close() {
    reader.close();
  }
}
