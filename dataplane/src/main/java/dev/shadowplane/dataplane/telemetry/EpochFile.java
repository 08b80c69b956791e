package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The number of starts of a data plane, kept on disk so that it also grows across a reboot. */
final class EpochFile {
  private static final int MAX_DIGITS = 18;

  private EpochFile() {}

  /**
   * Counts this start. A damaged file does not keep production from starting: the count then goes
   * on from the seconds since 1970, which no counting reaches.
   */
  static long next(final Path stateDirectory) throws IOException {
    Files.createDirectories(stateDirectory);
    final Path file = stateDirectory.resolve("epoch");
    final long epoch = read(file) + 1;
    final Path temporary = stateDirectory.resolve("epoch.new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      final ByteBuffer text = ByteBuffer.wrap((epoch + "\n").getBytes(StandardCharsets.US_ASCII));
      while (text.hasRemaining()) {
        channel.write(text);
      }
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(stateDirectory, StandardOpenOption.READ)) {
      directory.force(true);
    }
    return epoch;
  }

  private static long read(final Path file) throws IOException {
    final String text;
    try {
      text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    } catch (final NoSuchFileException e) {
      return 0;
    }
    final boolean isNumber =
        !text.isEmpty()
            && text.length() <= MAX_DIGITS
            && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber ? Long.parseLong(text) : System.currentTimeMillis() / 1000;
  }
}
