package dev.shadowplane.dataplane.journal;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapngWriter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.collections.Int2IntHashMap;
import org.jspecify.annotations.Nullable;

/** The interfaces of one export: one for each port name, over all sessions, with its counters. */
final class ExportInterfaces {
  private static final int MISSING = -1;

  private final long fromNs;
  private final long toNs;
  private final Map<InterfaceKey, Integer> ids = new LinkedHashMap<>();
  private final Map<CounterKey, Counters> counters = new LinkedHashMap<>();
  private final Int2IntHashMap idByPort = new Int2IntHashMap(MISSING);
  private @Nullable JournalSession latest;
  private @Nullable JournalSession mapped;

  private record InterfaceKey(String name, int linkType) {}

  private record CounterKey(long sessionNs, int portIndex) {}

  /** What the counters of one port in one session said around the edges of the range. */
  private static final class Counters {
    private final InterfaceKey key;
    private PortStatistics before;
    private PortStatistics last;
    private long lastNs;

    private Counters(InterfaceKey key, PortStatistics before) {
      this.key = key;
      this.before = before;
      this.last = before;
    }
  }

  ExportInterfaces(long fromNs, long toNs) {
    this.fromNs = fromNs;
    this.toNs = toNs;
  }

  void session(JournalSession session) {
    latest = session;
  }

  void statistics(JournalSession session, long timeNs, PortStatistics statistics) {
    if (session.startNs() >= toNs) {
      return;
    }
    int port = statistics.portIndex();
    Counters row =
        counters.computeIfAbsent(
            new CounterKey(session.startNs(), port),
            unseen ->
                new Counters(
                    key(session, port),
                    // What retention deleted is not known to be of this range.
                    session.startNs() < fromNs ? statistics : new PortStatistics(port, 0, 0, 0)));
    if (timeNs <= fromNs) {
      row.before = statistics;
    }
    if (row.lastNs < toNs) {
      row.last = statistics;
      row.lastNs = timeNs;
    }
  }

  /**
   * The pcapng interface of a frame's port; described to the writer when it is new. The reader
   * hands out one object for a session until that is described again, so identity is enough here.
   */
  @SuppressWarnings("ReferenceEquality")
  int id(PcapngWriter writer, @Nullable JournalSession session, int portIndex) throws IOException {
    if (session != mapped) {
      map(writer, session);
    }
    int id = idByPort.get(portIndex);
    if (id == MISSING) {
      id = add(writer, key(session, portIndex), JournalRing.MAX_FRAME_BYTES);
      idByPort.put(portIndex, id);
    }
    return id;
  }

  /** Writes the counters, and in an export without frames the interfaces too. */
  void finish(PcapngWriter writer) throws IOException {
    if (ids.isEmpty()) {
      map(writer, latest);
    }
    for (Map.Entry<InterfaceKey, Integer> entry : ids.entrySet()) {
      long received = 0;
      long shed = 0;
      long timeNs = 0;
      for (Counters row : counters.values()) {
        if (row.key.equals(entry.getKey())) {
          received += row.last.receivedFrames() - row.before.receivedFrames();
          shed += row.last.shedFrames() - row.before.shedFrames();
          timeNs = Math.max(timeNs, row.lastNs);
        }
      }
      if (timeNs > 0) {
        writer.writeStatistics(entry.getValue(), timeNs, received, shed);
      }
    }
  }

  private void map(PcapngWriter writer, @Nullable JournalSession session) throws IOException {
    mapped = session;
    idByPort.clear();
    if (session != null) {
      for (JournalPort port : session.ports()) {
        InterfaceKey key = new InterfaceKey(port.name(), port.linkType());
        idByPort.put(port.index(), add(writer, key, session.snapLengthBytes()));
      }
    }
  }

  private int add(PcapngWriter writer, InterfaceKey key, int snapLengthBytes) throws IOException {
    Integer known = ids.get(key);
    if (known != null) {
      return known;
    }
    int id = writer.addInterface(key.name(), key.linkType(), snapLengthBytes);
    ids.put(key, id);
    return id;
  }

  private static InterfaceKey key(@Nullable JournalSession session, int portIndex) {
    if (session != null) {
      for (JournalPort port : session.ports()) {
        if (port.index() == portIndex) {
          return new InterfaceKey(port.name(), port.linkType());
        }
      }
    }
    return new InterfaceKey("port-" + portIndex, LinkType.ETHERNET);
  }
}
