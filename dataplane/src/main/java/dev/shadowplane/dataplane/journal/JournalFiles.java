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

/**
 * The queue's files, one a cycle, found in the folder itself: the queue's metadata may be stale.
 */
final class JournalFiles {
  static final String SUFFIX = ".cq4";

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern(JournalQueue.ROLL_CYCLE.format()).withZone(ZoneOffset.UTC);

  private JournalFiles() {}

  /** The files there are, by cycle. */
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
}
