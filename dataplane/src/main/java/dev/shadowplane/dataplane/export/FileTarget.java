package dev.shadowplane.dataplane.export;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Files in a folder. Each appears complete or not at all, and replaces one of its name. Where there
 * may be several, their names are numbered and dated as those of dumpcap: {@code
 * NAME_00001_20261120100000.pcapng}, in UTC.
 */
public final class FileTarget implements ExportTarget {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Path file;
  private final boolean numbered;
  private @Nullable Path part;
  private @Nullable Path target;

  /**
   * Writes nothing yet.
   *
   * @param file the file, or what the names of several are made of, in a folder that exists
   * @param numbered whether there may be several
   */
  public FileTarget(Path file, boolean numbered) {
    this.file = file.toAbsolutePath();
    this.numbered = numbered;
  }

  @Override
  public WritableByteChannel open(int number, long firstNs) throws IOException {
    Path next = numbered ? file.resolveSibling(name(number, firstNs)) : file;
    target = next;
    Path made = Files.createTempFile(next.getParent(), "." + next.getFileName() + ".", ".part");
    part = made;
    return FileChannel.open(made, StandardOpenOption.WRITE);
  }

  private String name(int number, long firstNs) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    int end = dot > 0 ? dot : name.length();
    return String.format(
        Locale.ROOT,
        "%s_%05d_%s%s",
        name.substring(0, end),
        number,
        DATE.format(Instant.ofEpochSecond(firstNs / SECOND_NS)),
        name.substring(end));
  }

  @Override
  public void complete() throws IOException {
    if (part != null && target != null) {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      part = null;
    }
  }

  @Override
  public void close() throws IOException {
    if (part != null) {
      Files.deleteIfExists(part);
    }
  }
}
