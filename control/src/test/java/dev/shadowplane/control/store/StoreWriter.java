package dev.shadowplane.control.store;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A process that writes to a store until it is killed, and says what has been committed. */
final class StoreWriter {
  private StoreWriter() {}

  /** Writes the same number under three keys at a time, one of them with ballast. */
  public static void main(final String[] args) {
    final Random random = new Random(Long.parseLong(args[1]));
    try (MvConfigStore store = MvConfigStore.open(Path.of(args[0]))) {
      long number = store.get("a").map(Long::parseLong).orElse(0L);
      while (true) {
        number++;
        final String text = Long.toString(number);
        final long revision =
            store.commit(
                Map.of(
                    "a", Optional.of(text),
                    "b", Optional.of(text),
                    "c", Optional.of(ballast(text, random.nextInt(20_000))),
                    "odd", number % 2 == 0 ? Optional.empty() : Optional.of(text)));
        System.out.println(revision + " " + number);
      }
    }
  }

  static String ballast(final String text, final int length) {
    return text + " " + "x".repeat(length);
  }
}
