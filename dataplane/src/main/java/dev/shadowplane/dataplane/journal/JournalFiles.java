package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A journal's queues, one a subfolder, and their files, one a cycle: found in the folders
 * themselves, since a queue's metadata may be stale.
 */
final class JournalFiles {
  static final String SUFFIX = ".cq4";

  private static final Pattern QUEUE_NUMBER = Pattern.compile("0|[1-9][0-9]{0,3}");

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern(JournalQueue.ROLL_CYCLE.format()).withZone(ZoneOffset.UTC);

  private JournalFiles() {}

  /** Where a queue is, or would be. */
  static Path queue(Path folder, int number) {
    return folder.resolve(Integer.toString(number));
  }

  /**
   * The queues there are, by number.
   *
   * @throws JournalException when files lie beside them, as in version 1
   */
  static SortedMap<Integer, Path> queues(Path folder) throws IOException {
    SortedMap<Integer, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.endsWith(SUFFIX)) {
          throw new JournalException(
              folder,
              "holds a journal of version 1, this program reads and writes version "
                  + JournalFormat.VERSION
                  + ": move it away or name another folder");
        }
        if (QUEUE_NUMBER.matcher(name).matches() && Files.isDirectory(entry)) {
          found.put(Integer.valueOf(name), entry);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  /** The files of a queue, by cycle. */
  static SortedMap<Integer, Path> list(Path folder) throws IOException {
    SortedMap<Integer, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        add(found, file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static void add(SortedMap<Integer, Path> found, Path file) {
    String name = file.getFileName().toString();
    try {
      String start = name.substring(0, name.length() - SUFFIX.length());
      long startMs = NAME.parse(start, Instant::from).toEpochMilli();
      found.put(Math.toIntExact(startMs / JournalQueue.ROLL_CYCLE.lengthInMillis()), file);
    } catch (DateTimeException | ArithmeticException e) {
      return; // Not one of the queue's.
    }
  }

  /** Where the file of a cycle is, or would be. */
  static Path file(Path folder, int cycle) {
    long startMs = (long) cycle * JournalQueue.ROLL_CYCLE.lengthInMillis();
    return folder.resolve(NAME.format(Instant.ofEpochMilli(startMs)) + SUFFIX);
  }

  /**
   * Where the writer notes that times in a file step back or are earlier than the file's name says:
   * the clock was set, or the file was gone on with after a restart. A file without the note is in
   * the order of time.
   */
  static Path steppedNote(Path file) {
    return Path.of(file + ".stepped");
  }
}
