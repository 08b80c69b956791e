package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Writes frames to one file after another, each complete by itself. */
final class ExportFiles implements Closeable {
  /** So that times that lie do not fill a folder. */
  static final int MAX_FILES = 100_000;

  /** More than a frame takes beside its bytes and its comment. */
  private static final int FRAME_OVERHEAD_BYTES = 400;

  private final ExportOptions options;
  private final ExportTarget target;
  private final ExportInterfaces interfaces;
  private final @Nullable PacketComments comments;
  private final String about;
  private @Nullable CaptureOutput output;
  private boolean hasFrames;
  private long period;
  private int files;

  ExportFiles(
      ExportOptions options,
      ExportTarget target,
      ExportInterfaces interfaces,
      PacketComments comments) {
    this.options = options;
    this.target = target;
    this.interfaces = interfaces;
    this.comments = options.comments() ? comments : null;
    about = SectionComment.of(options);
  }

  /** Files so far. */
  int count() {
    return files;
  }

  void write(JournalReader frame, DirectBuffer bytes, int length) throws IOException {
    CaptureOutput open = output;
    if (open != null && hasFrames && isFull(open, frame.timestampNs(), length)) {
      end(open);
      open = null;
    }
    if (open == null) {
      int linkType = ExportInterfaces.port(frame.session(), frame.portIndex()).linkType();
      open = begin(frame.timestampNs(), linkType);
    }
    if (!hasFrames && options.splitNs() != ExportOptions.UNSPLIT) {
      period = Math.floorDiv(frame.timestampNs(), options.splitNs());
    }
    open.write(frame, bytes, length);
    hasFrames = true;
  }

  /** Late frames of a period that is over go into the file of the next. */
  private boolean isFull(CaptureOutput open, long timestampNs, int length) {
    return (options.splitBytes() != ExportOptions.UNSPLIT
            && open.writtenBytes() + length + FRAME_OVERHEAD_BYTES > options.splitBytes())
        || (options.splitNs() != ExportOptions.UNSPLIT
            && Math.floorDiv(timestampNs, options.splitNs()) > period);
  }

  private CaptureOutput begin(long firstNs, int linkType) throws IOException {
    if (files == MAX_FILES) {
      throw new IOException(
          "the export would have more than "
              + MAX_FILES
              + " files: split it by a larger size or a longer time");
    }
    files++;
    hasFrames = false;
    WritableByteChannel channel = target.open(files, firstNs);
    try {
      CaptureOutput made =
          options.format() == ExportFormat.PCAP
              ? new PcapOutput(channel, linkType)
              : new PcapngOutput(channel, about, interfaces, comments);
      output = made;
      return made;
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private void end(CaptureOutput open) throws IOException {
    open.finish();
    output = null;
    open.close();
    target.complete();
  }

  /** Hands over everything so far; whoever reads along has a file's beginning too. */
  void flush() throws IOException {
    begun().flush();
  }

  private CaptureOutput begun() throws IOException {
    CaptureOutput open = output;
    return open == null ? begin(options.frames().fromNs(), LinkType.ETHERNET) : open;
  }

  /** Completes the last file; there is one, if only to say that there were no frames. */
  void finish() throws IOException {
    if (output != null || files == 0) {
      end(begun());
    }
  }

  /** Gives up the file that is not complete. */
  @Override
  public void close() throws IOException {
    CaptureOutput open = output;
    output = null;
    try (target) {
      if (open != null) {
        open.close();
      }
    }
  }
}
