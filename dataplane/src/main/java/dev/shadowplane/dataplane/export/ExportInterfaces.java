package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalSession;
import dev.shadowplane.dataplane.journal.PortStatistics;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapngWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.collections.Int2IntHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The interfaces of an export's pcapng files: one for each port and session, with its counters. A
 * file's counters go on where those of the file before ended, so that their sum is that of all.
 */
final class ExportInterfaces {
  /** What one export describes at most, so that a journal of lies takes no more memory. */
  static final int MAX_INTERFACES = 65_536;

  private static final int MISSING = -1;
  private static final long NO_SESSION = Long.MIN_VALUE;

  private final FrameSelection frames;
  private final Map<Key, Row> rows = new LinkedHashMap<>();
  private final Int2IntHashMap idByPort = new Int2IntHashMap(MISSING);
  private @Nullable JournalSession latest;
  private long mappedNs = NO_SESSION;

  private record Key(long sessionNs, int portIndex) {}

  /** An interface, and what its counters said around the edges of the range. */
  private static final class Row {
    private final JournalPort port;
    private final String description;
    private final int snapLengthBytes;
    private PortStatistics before;
    private PortStatistics last;
    private long lastNs;
    private int id = MISSING;

    private Row(
        JournalPort port, String description, int snapLengthBytes, PortStatistics beginning) {
      this.port = port;
      this.description = description;
      this.snapLengthBytes = snapLengthBytes;
      before = beginning;
      last = beginning;
    }

    private boolean hasCounted() {
      return last.receivedFrames() != before.receivedFrames()
          || last.shedFrames() != before.shedFrames();
    }
  }

  ExportInterfaces(FrameSelection frames) {
    this.frames = frames;
  }

  void session(JournalSession session) {
    latest = session;
  }

  void statistics(JournalSession session, long timeNs, PortStatistics statistics) {
    if (session.startNs() >= frames.toNs()) {
      return;
    }
    // What retention deleted is not known to be of this range.
    PortStatistics beginning =
        session.startNs() < frames.fromNs() ? statistics : nothing(statistics.portIndex());
    Row row = row(session, statistics.portIndex(), beginning);
    if (timeNs <= frames.fromNs()) {
      row.before = statistics;
    }
    if (row.lastNs < frames.toNs()) {
      row.last = statistics;
      row.lastNs = timeNs;
    }
  }

  /** A file begins: describes the ports of the session at hand. */
  void begin(PcapngWriter writer) throws IOException {
    rows.values().forEach(row -> row.id = MISSING);
    mappedNs = NO_SESSION;
    idByPort.clear();
    if (latest != null) {
      map(writer, latest);
    }
  }

  /** The pcapng interface of a frame's port; described to the writer when it is new to the file. */
  int id(PcapngWriter writer, @Nullable JournalSession session, int portIndex) throws IOException {
    if (startNs(session) != mappedNs) {
      map(writer, session);
    }
    int id = idByPort.get(portIndex);
    if (id == MISSING) {
      id = describe(writer, row(session, portIndex, nothing(portIndex)));
      idByPort.put(portIndex, id);
    }
    return id;
  }

  /** A file ends: writes the counters, also of ports whose frames were only shed. */
  void finish(PcapngWriter writer) throws IOException {
    for (Row row : rows.values()) {
      if (row.id == MISSING && row.hasCounted() && frames.wantsPort(row.port.name())) {
        describe(writer, row);
      }
      if (row.id != MISSING && row.lastNs > 0) {
        writer.writeStatistics(
            row.id,
            row.lastNs,
            row.last.receivedFrames() - row.before.receivedFrames(),
            row.last.shedFrames() - row.before.shedFrames());
      }
      row.before = row.last;
    }
  }

  private void map(PcapngWriter writer, @Nullable JournalSession session) throws IOException {
    mappedNs = startNs(session);
    idByPort.clear();
    if (session != null) {
      for (JournalPort port : session.ports()) {
        if (frames.wantsPort(port.name())) {
          Row row = row(session, port.index(), nothing(port.index()));
          idByPort.put(port.index(), describe(writer, row));
        }
      }
    }
  }

  private static int describe(PcapngWriter writer, Row row) throws IOException {
    if (row.id == MISSING) {
      row.id =
          writer.addInterface(
              row.port.name(), row.description, row.port.linkType(), row.snapLengthBytes);
    }
    return row.id;
  }

  private Row row(@Nullable JournalSession session, int portIndex, PortStatistics beginning) {
    Key key = new Key(startNs(session), portIndex);
    Row known = rows.get(key);
    if (known != null) {
      return known;
    }
    if (rows.size() >= MAX_INTERFACES) {
      String problem =
          "the journal describes more than "
              + MAX_INTERFACES
              + " ports of sessions in this range: export a shorter one";
      throw new UncheckedIOException(problem, new IOException(problem));
    }
    Row row =
        new Row(
            port(session, portIndex),
            session == null
                ? "of a session whose description is lost"
                : "session since " + Instant.ofEpochSecond(0, session.startNs()),
            session == null ? JournalRing.MAX_FRAME_BYTES : session.snapLengthBytes(),
            beginning);
    rows.put(key, row);
    return row;
  }

  /** A port by its number; one that is not described has a name made of it. */
  static JournalPort port(@Nullable JournalSession session, int portIndex) {
    if (session != null) {
      for (JournalPort port : session.ports()) {
        if (port.index() == portIndex) {
          return port;
        }
      }
    }
    return new JournalPort(portIndex, "port-" + portIndex, LinkType.ETHERNET);
  }

  private static PortStatistics nothing(int portIndex) {
    return new PortStatistics(portIndex, 0, 0, 0);
  }

  private static long startNs(@Nullable JournalSession session) {
    return session == null ? NO_SESSION + 1 : session.startNs();
  }
}
