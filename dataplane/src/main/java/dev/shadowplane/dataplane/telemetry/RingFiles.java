package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The mapped rings of one control epoch, in a directory of their own: commands, events, and the
 * records of each worker.
 */
final class RingFiles {
  private static final String PREFIX = "control-";
  private static final String COMMANDS = "commands.ring";
  private static final String EVENTS = "events.ring";

  private final List<MappedByteBuffer> mappings = new ArrayList<>();
  private final Path folder;

  private RingFiles(final Path folder) {
    this.folder = folder;
  }

  private static Path folder(
      final Path directory, final long dataplaneEpoch, final long controlEpoch) {
    return directory.resolve(PREFIX + dataplaneEpoch + "-" + controlEpoch);
  }

  private static String records(final int worker) {
    return "records-" + worker + ".ring";
  }

  /** Makes fresh rings; leaves nothing behind when that fails. Data plane. */
  static RingFiles create(
      final Path directory,
      final long dataplaneEpoch,
      final long controlEpoch,
      final AttachmentConfig config)
      throws IOException {
    final RingFiles files = new RingFiles(folder(directory, dataplaneEpoch, controlEpoch));
    boolean complete = false;
    try {
      TelemetryFiles.createDirectory(files.folder);
      files.create(COMMANDS, config.commandRingBytes());
      files.create(EVENTS, config.eventRingBytes());
      for (int worker = 0; worker < config.workers(); worker++) {
        files.create(records(worker), config.recordRingBytes());
      }
      complete = true;
      return files;
    } finally {
      if (!complete) {
        files.unmap();
        files.delete();
      }
    }
  }

  /** Maps the rings that the data plane made. Control. */
  static RingFiles open(
      final Path directory, final long dataplaneEpoch, final long controlEpoch, final int workers)
      throws IOException {
    final RingFiles files = new RingFiles(folder(directory, dataplaneEpoch, controlEpoch));
    boolean complete = false;
    try {
      files.map(COMMANDS);
      files.map(EVENTS);
      for (int worker = 0; worker < workers; worker++) {
        files.map(records(worker));
      }
      complete = true;
      return files;
    } finally {
      if (!complete) {
        files.unmap();
      }
    }
  }

  /** Deletes the rings that data planes before this one left behind. */
  static void deleteAll(final Path directory) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, PREFIX + "*")) {
      for (final Path folder : folders) {
        TelemetryFiles.deleteDirectory(folder);
      }
    }
  }

  UnsafeBuffer commands() {
    return new UnsafeBuffer(mappings.get(0));
  }

  UnsafeBuffer events() {
    return new UnsafeBuffer(mappings.get(1));
  }

  /** Returns the record rings by worker. */
  List<UnsafeBuffer> records() {
    return mappings.stream().skip(2).map(UnsafeBuffer::new).toList();
  }

  /** Unmaps the rings: only when no thread touches them any longer. */
  void unmap() {
    mappings.forEach(IoUtil::unmap);
    mappings.clear();
  }

  /** Deletes the files; mappings of them stay valid. */
  void delete() throws IOException {
    TelemetryFiles.deleteDirectory(folder);
  }

  private void create(final String name, final int capacity) throws IOException {
    final MappedByteBuffer mapping =
        TelemetryFiles.create(
            folder.resolve(name), RecordRing.fileLength(capacity), TelemetryFiles.WRITE_BY_GROUP);
    // A worker must not meet a page for the first time.
    mapping.load();
    mappings.add(mapping);
  }

  private void map(final String name) throws IOException {
    mappings.add(TelemetryFiles.map(folder.resolve(name), MapMode.READ_WRITE));
  }
}
