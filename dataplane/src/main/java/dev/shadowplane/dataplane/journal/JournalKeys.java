package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The master keys of a journal, from a file of lines {@code id: 64 hex digits}: the first is for
 * writing, all are for reading. Ids are 1 to 4,294,967,295. Immutable. No method, text or exception
 * shows a key.
 */
public final class JournalKeys {
  private static final int KEY_BYTES = 32;
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final long MAX_ID = 0xFFFF_FFFFL;
  private static final Set<PosixFilePermission> REFUSED =
      EnumSet.of(
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path file;
  private final Map<Long, SecretKey> keys;

  private JournalKeys(Path file, Map<Long, SecretKey> keys) {
    this.file = file;
    this.keys = keys;
  }

  /**
   * Reads a key file.
   *
   * @param file owned and writable by one user; a group may read it
   * @throws JournalException when it cannot be read, others may read it, or a line is wrong
   */
  public static JournalKeys read(Path file) throws JournalException {
    byte[] bytes = new byte[0];
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      if (attributes.permissions().stream().anyMatch(REFUSED::contains)) {
        throw new JournalException(
            file,
            "the key file may be read or changed by others ("
                + PosixFilePermissions.toString(attributes.permissions())
                + "): chmod g-w,o= "
                + file);
      }
      if (attributes.size() > MAX_FILE_BYTES) {
        throw new JournalException(
            file, "a key file of " + attributes.size() + " bytes: at most " + MAX_FILE_BYTES);
      }
      bytes = Files.readAllBytes(file);
      return new JournalKeys(file, parse(file, bytes));
    } catch (JournalException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new JournalException(
          file, "no key file: make one with 'shadowplane journal key --output " + file + "'");
    } catch (IOException e) {
      throw new JournalException(file, "the key file cannot be read: " + e, e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Goes by bytes: what a String holds stays in memory until it is collected, and longer. */
  private static Map<Long, SecretKey> parse(Path file, byte[] bytes) throws JournalException {
    Map<Long, SecretKey> keys = new LinkedHashMap<>();
    int number = 0;
    int start = 0;
    while (start < bytes.length) {
      number++;
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      int next = end + 1;
      while (end > start && isBlank(bytes[end - 1])) {
        end--;
      }
      while (start < end && isBlank(bytes[start])) {
        start++;
      }
      if (start < end && bytes[start] != '#') {
        line(new Line(file, number), bytes, start, end, keys);
      }
      start = next;
    }
    if (keys.isEmpty()) {
      throw new JournalException(file, "holds no key: a line is 'id: 64 hex digits'");
    }
    return keys;
  }

  private record Line(Path file, int number) {
    private JournalException wrong(String what) {
      return new JournalException(file, "line " + number + ": " + what);
    }
  }

  private static void line(Line line, byte[] bytes, int start, int end, Map<Long, SecretKey> keys)
      throws JournalException {
    int at = start;
    long id = 0;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9' && id <= MAX_ID) {
      id = id * 10 + bytes[at++] - '0';
    }
    if (at == start || at == end || bytes[at] != ':' || id == 0 || id > MAX_ID) {
      throw line.wrong("a key begins with its id, 1 to 4294967295, and a colon");
    }
    at++;
    while (at < end && isBlank(bytes[at])) {
      at++;
    }
    if (end - at != 2 * KEY_BYTES) {
      throw line.wrong("key " + id + " has " + (end - at) + " digits: 64 hex digits are needed");
    }
    byte[] key = new byte[KEY_BYTES];
    for (int i = 0; i < KEY_BYTES; i++) {
      int high = Character.digit(bytes[at + 2 * i], 16);
      int low = Character.digit(bytes[at + 2 * i + 1], 16);
      if (high < 0 || low < 0) {
        throw line.wrong("key " + id + " holds a character that is no hex digit");
      }
      key[i] = (byte) (high << 4 | low);
    }
    if (keys.putIfAbsent(id, new SecretKeySpec(key, "Generic")) != null) {
      throw line.wrong("key " + id + " is there twice: give each key an id of its own");
    }
    Arrays.fill(key, (byte) 0);
  }

  private static boolean isBlank(byte character) {
    return character == ' ' || character == '\t' || character == '\r';
  }

  /**
   * Makes a key file with one random key, readable by its owner alone.
   *
   * @return the id of the key
   * @throws JournalException when the file exists or cannot be written
   */
  public static long create(Path file) throws JournalException {
    try {
      Files.createFile(file, PRIVATE);
      append(file, 1);
      return 1;
    } catch (FileAlreadyExistsException e) {
      throw new JournalException(
          file, "exists: name another file, or put a key in front of its own with --rotate");
    } catch (IOException e) {
      throw new JournalException(file, "the key file cannot be written: " + e, e);
    }
  }

  /**
   * Puts a random key in front of those of a file, to be written with from the next file of the
   * journal on. The file is replaced as a whole and keeps its permissions and group.
   *
   * @return the id of the key, one more than the greatest
   * @throws JournalException when the file is no key file or cannot be written
   */
  public static long rotate(Path file) throws JournalException {
    JournalKeys old = read(file);
    long id = old.keys.keySet().stream().mapToLong(Long::longValue).max().orElse(0) + 1;
    if (id > MAX_ID) {
      throw new JournalException(file, "id " + MAX_ID + " is in use: there is none greater");
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      Files.deleteIfExists(part);
      Files.createFile(part, PRIVATE);
      append(part, id);
      Files.write(part, Files.readAllBytes(file), StandardOpenOption.APPEND);
      Files.setAttribute(part, "posix:group", attributes.group(), LinkOption.NOFOLLOW_LINKS);
      Files.setPosixFilePermissions(part, attributes.permissions());
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      return id;
    } catch (IOException e) {
      throw new JournalException(file, "the key file cannot be replaced: " + e, e);
    }
  }

  private static void append(Path file, long id) throws IOException {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    byte[] line =
        (id + ": " + HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII);
    Files.write(file, line, StandardOpenOption.APPEND);
    Arrays.fill(key, (byte) 0);
    Arrays.fill(line, (byte) 0);
  }

  /** Where they are from. */
  public Path file() {
    return file;
  }

  /** The key to write with. */
  public long writingId() {
    return keys.keySet().iterator().next();
  }

  /** A master key; null when the file does not hold it. */
  @Nullable SecretKey key(long id) {
    return keys.get(id);
  }

  /** The file and the ids, never a key. */
  @Override
  public String toString() {
    return file + " " + keys.keySet();
  }
}
