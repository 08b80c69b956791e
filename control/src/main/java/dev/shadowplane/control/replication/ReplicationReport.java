package dev.shadowplane.control.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The folder in which a replica says how it stands, in {@code status.json}, and is asked, in {@code
 * barrier}, to say when all that was committed by then is visible at the target.
 */
public final class ReplicationReport {
  /** The file with the status: a JSON object, always whole. */
  public static final String STATUS = "status.json";

  /**
   * The file with the name of a barrier, up to 64 letters, digits and hyphens. When the status
   * names it too, all that was committed before it was written is visible at the target.
   */
  public static final String BARRIER = "barrier";

  private static final Pattern BARRIER_NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final int MAX_BARRIER_BYTES = 128;
  private static final int MAX_STATUS_BYTES = 64 << 10;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final Path folder;

  /** Names the folder, which need not be there to be read. */
  public ReplicationReport(final Path folder) {
    this.folder = folder;
  }

  /**
   * The status that was written last.
   *
   * @return null if there is none, or it is of another kind of agent.
   * @throws IOException if it cannot be read, or is none.
   */
  public @Nullable ReplicationStatus status() throws IOException {
    final String text = read(STATUS, MAX_STATUS_BYTES);
    if (text == null) {
      return null;
    }
    try {
      if (!JSON.readTree(text).path("kind").asString("").equals(ReplicationStatus.KIND)) {
        return null;
      }
      return JSON.readValue(text, ReplicationStatus.class);
    } catch (JacksonException e) {
      throw new IOException(folder.resolve(STATUS) + " is no status: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Asks for a barrier.
   *
   * @param name a name of its own.
   * @throws IOException if the folder may not be written to.
   */
  public void ask(final String name) throws IOException {
    if (!BARRIER_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'" + name + "' names no barrier: write up to 64 letters, digits and hyphens");
    }
    write(BARRIER, name);
  }

  /** The barrier that was asked for last; null if none was, or what is there names none. */
  @Nullable String asked() {
    try {
      final String text = read(BARRIER, MAX_BARRIER_BYTES);
      return text != null && BARRIER_NAME.matcher(text.strip()).matches() ? text.strip() : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Replaces the status. */
  void write(final ReplicationStatus status) throws IOException {
    write(STATUS, JSON.writeValueAsString(status));
  }

  private void write(final String name, final String text) throws IOException {
    final Path whole = folder.resolve(name + ".new");
    Files.writeString(whole, text);
    Files.move(
        whole,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** A file of others: no link is followed, and no more is read than there may be. */
  private @Nullable String read(final String name, final int maxBytes) throws IOException {
    final Path file = folder.resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      final byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException(file + " is longer than " + maxBytes + " bytes, which no report is");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
