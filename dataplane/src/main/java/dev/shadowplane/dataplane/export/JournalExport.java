package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalSession;
import dev.shadowplane.dataplane.journal.PortStatistics;
import dev.shadowplane.dataplane.privacy.Anonymiser;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames of a journal as capture files, also while it is written. Its memory does not grow
 * with what it reads. For one thread.
 */
public final class JournalExport {
  private static final int MAX_NAMED_DAMAGES = 100;
  private static final int FRAMES_PER_LOOK = 4_096;
  private static final long PAUSE_MS = 5;

  /** How long after its end a range may still get frames that were on their way. */
  private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(2);

  private final ExportOptions options;
  private final ExportListener listener;
  private final List<JournalException> damages = new ArrayList<>();
  private final ExportInterfaces interfaces;
  private final PacketComments comments = new PacketComments();
  private final FrameSelector selector;
  private final @Nullable Anonymiser anonymiser;
  private final UnsafeBuffer copy;
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
   * @param files into how many files
   * @param damageCount how many damaged places were passed over
   * @param damages the first 100 of them, each naming file, place and reason
   */
  public record Summary(
      long frames,
      long bytes,
      long firstNs,
      long lastNs,
      int files,
      long damageCount,
      List<JournalException> damages) {
    /** Takes a copy of the list. */
    public Summary {
      damages = List.copyOf(damages);
    }
  }

  private JournalExport(ExportOptions options, ExportListener listener, FrameSelector selector) {
    this.options = options;
    this.listener = listener;
    this.selector = selector;
    interfaces = new ExportInterfaces(options.frames());
    anonymiser = options.anonymisation().map(Anonymiser::new).orElse(null);
    copy = new UnsafeBuffer(new byte[anonymiser == null ? 0 : JournalRing.MAX_FRAME_BYTES]);
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
   * Exports.
   *
   * @param journal what is read; the time range and whether it follows are those of the options
   * @param asked what and how
   * @param target where to; closed at the end in any case
   * @param listener watches
   * @return what was exported, damage in the journal included
   * @throws IOException when the journal cannot be opened, the target fails, or the listener
   *     cancels what does not follow
   * @throws dev.shadowplane.dpdk.DpdkException when a filter does not compile
   * @throws dev.shadowplane.dataplane.config.ConfigException when the key of an anonymisation
   *     cannot be used
   */
  public static Summary run(
      JournalQuery journal, ExportOptions asked, ExportTarget target, ExportListener listener)
      throws IOException {
    ExportOptions options = asked.follow() ? fromNow(asked) : asked;
    try (target;
        FrameSelector selector = new FrameSelector(options.frames())) {
      JournalExport export = new JournalExport(options, listener, selector);
      JournalQuery range = journal.range(options.frames().fromNs(), options.frames().toNs());
      try (JournalReader reader =
              new JournalReader(options.follow() ? range.following() : range, export.new Events());
          ExportFiles files =
              new ExportFiles(options, target, export.interfaces, export.comments)) {
        export.copy(reader, files);
        files.finish();
        return export.summary(files.count());
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static ExportOptions fromNow(ExportOptions options) {
    return options.frames().fromNs() == 0 ? options.from(nowNs()) : options;
  }

  private static long nowNs() {
    return ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
  }

  private void copy(JournalReader reader, ExportFiles files) throws IOException {
    long untilLook = FRAMES_PER_LOOK;
    while (frames < options.frames().limit()) {
      if (!reader.next()) {
        if (!options.follow() || isOver(files)) {
          return;
        }
      } else {
        if (selector.selects(reader)) {
          write(reader, files);
        }
        if (--untilLook == 0) {
          untilLook = FRAMES_PER_LOOK;
          listener.progress(frames, bytes, reader.passedBytes(), reader.plannedBytes());
          if (isCancelled()) {
            return;
          }
        }
      }
    }
  }

  private void write(JournalReader reader, ExportFiles files) throws IOException {
    int length = reader.capturedLengthBytes();
    DirectBuffer shown = reader.frame();
    if (anonymiser != null) {
      copy.putBytes(0, shown, 0, length);
      shown = copy;
      int linkType = ExportInterfaces.port(reader.session(), reader.portIndex()).linkType();
      length = anonymiser.apply(copy, 0, length, linkType);
    }
    files.write(reader, shown, length);
    frames++;
    bytes += length;
    firstNs = Math.min(firstNs, reader.timestampNs());
    lastNs = Math.max(lastNs, reader.timestampNs());
  }

  /** Nothing more is there at present: hands on what was, waits, and says whether that was all. */
  private boolean isOver(ExportFiles files) throws IOException {
    files.flush();
    if (isCancelled() || options.frames().toNs() < nowNs() - GRACE_NS) {
      return true;
    }
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the export was interrupted");
    }
    return false;
  }

  private boolean isCancelled() throws IOException {
    if (!listener.isCancelled()) {
      return false;
    }
    if (!options.follow()) {
      throw new InterruptedIOException("the export was cancelled: the last file is not kept");
    }
    return true;
  }

  private Summary summary(int files) {
    boolean some = frames > 0;
    return new Summary(
        frames, bytes, some ? firstNs : 0, some ? lastNs : 0, files, damageCount, damages);
  }
}
