package dev.shadowplane.control.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Folders for tests: what they hold, and random changes to them. */
final class Trees {
  private static final int NAMES = 12;
  private static final int MAX_BYTES = 20_000;

  private Trees() {}

  /** Every entry with permissions, time and the SHA-256 of its contents; not what is our own. */
  static Map<String, String> of(final Path root) throws Exception {
    final Map<String, String> entries = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (final Path path : all.sorted().toList()) {
        final String relative = root.relativize(path).toString();
        if (relative.isEmpty() || relative.startsWith(TargetFolder.OWN)) {
          continue;
        }
        if (Files.isSymbolicLink(path)) {
          entries.put(relative, "link " + Files.readSymbolicLink(path));
        } else if (Files.isDirectory(path)) {
          entries.put(relative, "folder " + permissions(path));
        } else {
          entries.put(
              relative,
              permissions(path)
                  + " "
                  + Files.getLastModifiedTime(path).to(TimeUnit.NANOSECONDS)
                  + " "
                  + HexFormat.of()
                      .formatHex(
                          MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path))));
        }
      }
    }
    return entries;
  }

  private static String permissions(final Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  /** Waits until two folders are equal, or shows how they differ. */
  static void awaitEqual(final Path from, final Path to) throws Exception {
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < end) {
      try {
        if (of(from).equals(of(to))) {
          return;
        }
      } catch (IOException | UncheckedIOException e) {
        assertThat(e).isNotNull(); // It went while it was looked at.
      }
      LockSupport.parkNanos(5_000_000);
    }
    assertThat(of(to)).isEqualTo(of(from));
  }

  static void await(final String what, final BooleanSupplier condition) {
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** One change of a random kind; those that cannot be made are none. */
  static void change(final Path root, final Random random) throws IOException {
    final Path folder = anyFolder(root, random);
    final Path path = folder.resolve("n" + random.nextInt(NAMES) + "é\n");
    try {
      switch (random.nextInt(10)) {
        case 0 -> Files.createDirectory(path);
        case 1 -> delete(path);
        case 2 -> Files.move(path, anyFolder(root, random).resolve("m" + random.nextInt(NAMES)));
        case 3 -> Files.createSymbolicLink(path, Path.of("n" + random.nextInt(NAMES)));
        case 4 ->
            Files.setPosixFilePermissions(
                path,
                PosixFilePermissions.fromString(
                    random.nextBoolean() || Files.isDirectory(path) ? "rwxr-x---" : "rw-------"));
        case 5 -> Files.createLink(path, folder.resolve("n" + random.nextInt(NAMES)));
        case 6 -> {
          final Path whole = folder.resolve("whole");
          Files.write(whole, bytes(random));
          Files.move(whole, path);
        }
        case 7 -> Files.write(path, bytes(random), StandardOpenOption.APPEND);
        default -> Files.write(path, bytes(random));
      }
    } catch (IOException e) {
      assertThat(e).isNotNull(); // Something else is there, or nothing.
    }
  }

  private static byte[] bytes(final Random random) {
    final byte[] bytes = new byte[random.nextInt(MAX_BYTES)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Path anyFolder(final Path root, final Random random) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      final List<Path> folders =
          all.filter(Files::isDirectory)
              .filter(path -> !Files.isSymbolicLink(path))
              .sorted()
              .toList();
      return folders.get(random.nextInt(folders.size()));
    }
  }

  static void delete(final Path path) throws IOException {
    if (Files.isSymbolicLink(path) || !Files.exists(path)) {
      Files.deleteIfExists(path);
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (final Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
