package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.config.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a feed reports, in a folder that others read: {@code status.json}, replaced as a whole, and
 * {@code differences.jsonl} and {@code slow.jsonl}, a line an exchange. When one of these has
 * {@link #MAX_BYTES}, it becomes {@code differences.1.jsonl} or {@code slow.1.jsonl} in the place
 * of the one before, so that the newest are kept. Lines are numbered, also across restarts.
 */
public final class FeedReport implements AutoCloseable {
  /** The longest file of differences. */
  public static final long MAX_BYTES = 16L << 20;

  private final Path folder;
  private final Lines differences;
  private final Lines slow;

  /** A file of lines that is rotated. */
  private static final class Lines implements AutoCloseable {
    private final Path file;
    private final Path before;
    private BufferedWriter writer;
    private long bytes;
    private long number;

    private Lines(final Path folder, final String name) throws IOException {
      file = folder.resolve(name + ".jsonl");
      before = folder.resolve(name + ".1.jsonl");
      number = Math.max(DifferenceFile.lastNumber(before), DifferenceFile.lastNumber(file));
      writer = open();
      bytes = Files.size(file);
      if (bytes > 0) {
        writer.newLine(); // The last line may have been cut off.
      }
    }

    private BufferedWriter open() throws IOException {
      return Files.newBufferedWriter(
          file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void write(final Map<String, Object> fields) throws IOException {
      if (bytes >= MAX_BYTES) {
        writer.close();
        Files.move(file, before, StandardCopyOption.ATOMIC_MOVE);
        writer = open();
        bytes = 0;
      }
      final Map<String, Object> line = new LinkedHashMap<>();
      line.put("number", ++number);
      line.putAll(fields);
      final String text = Json.write(line);
      writer.write(text);
      writer.write('\n');
      writer.flush();
      bytes += text.length() + 1;
    }

    @Override
    public void close() throws IOException {
      writer.close();
    }
  }

  /**
   * Goes on with a folder.
   *
   * @param folder exists.
   * @throws IOException when it cannot be written.
   */
  public FeedReport(final Path folder) throws IOException {
    this.folder = folder;
    this.differences = new Lines(folder, "differences");
    this.slow = new Lines(folder, "slow");
  }

  /**
   * Reports an exchange.
   *
   * @param exchange the answers.
   * @param kinds in what they differ; if in nothing, it is reported as slow.
   * @throws IOException when it cannot be written.
   */
  public synchronized void add(final Exchange exchange, final Set<DifferenceKind> kinds)
      throws IOException {
    (kinds.isEmpty() ? slow : differences).write(fields(exchange, kinds));
  }

  /**
   * An exchange as reports have it.
   *
   * @param exchange the answers.
   * @param kinds in what they differ.
   * @return its fields in a fixed order.
   */
  public static Map<String, Object> fields(
      final Exchange exchange, final Set<DifferenceKind> kinds) {
    final Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", instant(exchange.timeNs()));
    fields.put("service", exchange.service());
    fields.put("client", exchange.client());
    fields.put("request", exchange.request());
    fields.put("kinds", List.copyOf(kinds.stream().map(DifferenceKind::label).toList()));
    fields.put("primary", answer(exchange.primary()));
    final @Nullable Answer shadow = exchange.shadow();
    if (shadow != null) {
      fields.put("shadow", answer(shadow));
    }
    return fields;
  }

  private static Map<String, Object> answer(final Answer answer) {
    final Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("status", (long) answer.status());
    fields.put("bytes", answer.bytes());
    fields.put("sha256", answer.sha256());
    fields.put("latency_us", answer.latencyNs() / 1_000);
    return fields;
  }

  /**
   * An end of a connection as reports have it.
   *
   * @param end an address and a port.
   * @return {@code ADDRESS:PORT}, IPv6 in brackets.
   */
  public static String end(final InetSocketAddress end) {
    return Ends.text(end);
  }

  static String instant(final long ns) {
    return Instant.ofEpochSecond(
            Math.floorDiv(ns, 1_000_000_000L), Math.floorMod(ns, 1_000_000_000L))
        .toString();
  }

  /**
   * Replaces the status.
   *
   * @param status a tree of maps, numbers and texts.
   * @throws IOException when it cannot be written; the old one is still there.
   */
  public void status(final Map<String, Object> status) throws IOException {
    final Path temporary = folder.resolve("status.json.new");
    final Map<String, Object> numbered = new LinkedHashMap<>(status);
    synchronized (this) {
      numbered.put("last_difference", differences.number);
    }
    Files.writeString(temporary, Json.write(numbered) + "\n");
    Files.move(temporary, folder.resolve("status.json"), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public synchronized void close() throws IOException {
    differences.close();
    slow.close();
  }
}
