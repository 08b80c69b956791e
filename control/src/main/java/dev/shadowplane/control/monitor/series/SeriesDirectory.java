package dev.shadowplane.control.monitor.series;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which number each series has; a number is never used again. A file of lines, each a checksum, a
 * number and a series, or nothing in place of one that was forgotten. What follows a damaged line
 * is not read, as after a kill within a write.
 */
final class SeriesDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SeriesDirectory.class);
  private static final String FILE = "series";

  private final Map<SeriesKey, Integer> ids = new HashMap<>();
  private final FileChannel channel;
  private int next = 1;

  private SeriesDirectory(final FileChannel channel) {
    this.channel = channel;
  }

  static SeriesDirectory open(final Path directory) throws IOException {
    final Path file = directory.resolve(FILE);
    final Map<Integer, SeriesKey> keys = new HashMap<>();
    int highest = 0;
    if (Files.exists(file)) {
      for (final String line :
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n", -1)) {
        final Entry entry = Entry.read(line);
        if (entry == null) {
          if (!line.isEmpty()) {
            LOG.warn("{}: a line is damaged, series named after it are lost: {}", file, line);
          }
          break;
        }
        highest = Math.max(highest, entry.id);
        if (entry.key == null) {
          keys.remove(entry.id);
        } else {
          keys.put(entry.id, entry.key);
        }
      }
    }
    // Written anew, so that what was forgotten takes no room; the highest number is remembered.
    final Path made = directory.resolve(FILE + ".tmp");
    final StringBuilder text = new StringBuilder(new Entry(highest, null).line());
    keys.forEach((id, key) -> text.append(new Entry(id, key).line()));
    try (FileChannel fresh =
        FileChannel.open(
            made,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(fresh, text.toString());
      fresh.force(true);
    }
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    final SeriesDirectory series =
        new SeriesDirectory(
            FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    keys.forEach((id, key) -> series.ids.put(key, id));
    series.next = highest + 1;
    return series;
  }

  /** The numbers of all series. */
  Map<SeriesKey, Integer> ids() {
    return ids;
  }

  /** Gives a series a number. */
  int add(final SeriesKey key) throws IOException {
    final int id = next++;
    write(channel, new Entry(id, key).line());
    ids.put(key, id);
    return id;
  }

  /** Forgets a series. */
  void remove(final SeriesKey key) throws IOException {
    final Integer id = ids.remove(key);
    if (id != null) {
      write(channel, new Entry(id, null).line());
    }
  }

  private static void write(final FileChannel channel, final String text) throws IOException {
    final ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private record Entry(int id, @Nullable SeriesKey key) {
    String line() {
      final String content = id + " " + (key == null ? "" : key);
      return checksum(content) + " " + content + "\n";
    }

    static @Nullable Entry read(final String line) {
      final String[] words = line.split(" ", 3);
      if (words.length < 3 || !checksum(words[1] + " " + words[2]).equals(words[0])) {
        return null;
      }
      try {
        return new Entry(
            Integer.parseInt(words[1]), words[2].isEmpty() ? null : SeriesKey.parse(words[2]));
      } catch (IllegalArgumentException e) {
        return null;
      }
    }

    private static String checksum(final String content) {
      final CRC32C crc = new CRC32C();
      crc.update(content.getBytes(StandardCharsets.UTF_8));
      return String.format("%08x", crc.getValue());
    }
  }
}
