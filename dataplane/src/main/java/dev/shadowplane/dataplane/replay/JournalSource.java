package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.journal.JournalSession;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.util.function.Consumer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A time window of a journal, also of one that is being written. Damaged places are told and passed
 * over.
 */
public final class JournalSource implements FrameSource {
  private final JournalQuery query;
  private final Consumer<String> problems;
  private final Int2ObjectHashMap<JournalPort> ports = new Int2ObjectHashMap<>();

  /** Which session the ports are of, if {@link #known}. */
  private long sessionNs;

  private boolean known;
  private JournalReader reader;
  private final long sizeBytes;

  /**
   * Opens a window.
   *
   * @param query what is read; when it follows, frames that are journaled later belong to it
   * @param problems is told of each damaged place
   * @throws IOException when there is no journal or it cannot be opened
   */
  public JournalSource(JournalQuery query, Consumer<String> problems) throws IOException {
    this.query = query;
    this.problems = problems;
    this.reader = open(query);
    this.sizeBytes = query.follow() ? UNKNOWN : reader.plannedBytes();
  }

  private JournalReader open(JournalQuery what) throws IOException {
    return new JournalReader(
        what,
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
    return query.follow();
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
    return query.follow()
        ? UNKNOWN
        : sizeBytes - Math.max(0, reader.plannedBytes() - reader.passedBytes());
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void seek(long timeNs) throws IOException {
    final JournalReader next = open(query.range(Math.max(query.fromNs(), timeNs), query.toNs()));
    reader.close();
    reader = next;
    known = false;
  }

  @Override
  public void close() {
    reader.close();
  }
}
