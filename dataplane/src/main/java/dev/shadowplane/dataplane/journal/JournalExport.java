package dev.shadowplane.dataplane.journal;

import dev.shadowplane.dataplane.pcap.Direction;
import dev.shadowplane.dataplane.pcap.PcapngWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Writes the frames of a time range to pcapng, with an interface a port and its counters. */
public final class JournalExport {
  private static final String APPLICATION = "Shadowplane";
  private static final int MAX_NAMED_DAMAGES = 100;

  private final List<JournalException> damages = new ArrayList<>();
  private final ExportInterfaces interfaces;
  private final JournalReader reader;
  private long damageCount;
  private long frames;
  private long bytes;
  private long firstNs = Long.MAX_VALUE;
  private long lastNs = Long.MIN_VALUE;

  /**
   * What was exported.
   *
   * @param frames how many frames
   * @param bytes their captured bytes
   * @param firstNs the earliest of their times; 0 without frames
   * @param lastNs the latest of their times; 0 without frames
   * @param damageCount how many damaged places were passed over
   * @param damages the first 100 of them, each naming file, place and reason
   */
  public record Summary(
      long frames,
      long bytes,
      long firstNs,
      long lastNs,
      long damageCount,
      List<JournalException> damages) {
    /** Takes a copy of the list. */
    public Summary {
      damages = List.copyOf(damages);
    }
  }

  private JournalExport(Path folder, long fromNs, long toNs) throws JournalException {
    interfaces = new ExportInterfaces(fromNs, toNs);
    reader = new JournalReader(folder, fromNs, toNs, new Events());
  }

  private final class Events implements JournalEvents {
    @Override
    public void session(JournalSession session) {
      interfaces.session(session);
    }

    @Override
    public void statistics(JournalSession session, long timeNs, PortStatistics statistics) {
      interfaces.statistics(session, timeNs, statistics);
    }

    @Override
    public void damage(JournalException damage) {
      damageCount++;
      if (damages.size() < MAX_NAMED_DAMAGES) {
        damages.add(damage);
      }
    }
  }

  /**
   * Exports to a file, which appears complete or not at all, and replaces one of that name.
   *
   * @param folder of the journal
   * @param fromNs the first nanosecond of the range, since the epoch
   * @param toNs the first nanosecond after it
   * @param file to write
   * @return what was exported, damage in the journal included
   * @throws IOException when the journal cannot be opened or the file not be written
   */
  public static Summary toFile(Path folder, long fromNs, long toNs, Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Path part = Files.createTempFile(target.getParent(), "." + target.getFileName() + ".", ".part");
    try {
      Summary summary =
          toChannel(folder, fromNs, toNs, FileChannel.open(part, StandardOpenOption.WRITE));
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return summary;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * Exports to a stream.
   *
   * @param folder of the journal
   * @param fromNs the first nanosecond of the range, since the epoch
   * @param toNs the first nanosecond after it
   * @param channel in blocking mode, closed at the end in any case
   * @return what was exported, damage in the journal included
   * @throws IOException when the journal cannot be opened or the channel fails
   */
  public static Summary toChannel(Path folder, long fromNs, long toNs, WritableByteChannel channel)
      throws IOException {
    try (channel) {
      JournalExport export = new JournalExport(folder, fromNs, toNs);
      try (JournalReader open = export.reader;
          PcapngWriter writer = new PcapngWriter(channel, APPLICATION)) {
        return export.run(open, writer);
      }
    }
  }

  private Summary run(JournalReader open, PcapngWriter writer) throws IOException {
    while (open.next()) {
      int length = open.capturedLengthBytes();
      int direction = open.direction();
      boolean known = direction == Direction.INBOUND || direction == Direction.OUTBOUND;
      writer.write(
          interfaces.id(writer, open.session(), open.portIndex()),
          open.timestampNs(),
          known ? direction : Direction.UNKNOWN,
          Math.max(length, open.originalLengthBytes()),
          open.frame(),
          0,
          length);
      frames++;
      bytes += length;
      firstNs = Math.min(firstNs, open.timestampNs());
      lastNs = Math.max(lastNs, open.timestampNs());
    }
    interfaces.finish(writer);
    boolean some = frames > 0;
    return new Summary(frames, bytes, some ? firstNs : 0, some ? lastNs : 0, damageCount, damages);
  }
}
