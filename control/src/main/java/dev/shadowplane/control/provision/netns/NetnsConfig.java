package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.netns.Host.Settings;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.YamlReader;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of the provisioner's process, completely validated.
 *
 * @param directory where it keeps what it remembers, and where logs, states and reports are.
 * @param socket where it listens.
 * @param users who may ask, besides root, by number.
 * @param group the group that may open the socket and read reports; -1 for root alone.
 * @param uidRange users that services run as.
 * @param journalGroups groups whose files agents may read.
 * @param startMs how long a service may take until it passes its check.
 * @param scripts the folder of the launcher.
 */
public record NetnsConfig(
    Path directory,
    Path socket,
    List<Integer> users,
    int group,
    UidRange uidRange,
    List<Integer> journalGroups,
    long startMs,
    Path scripts) {
  /** Where everything is kept if the configuration does not say. */
  public static final Path DEFAULT_DIRECTORY = Path.of("/var/lib/shadowplane-provisioner");

  /** Where it listens if the configuration does not say. */
  public static final Path DEFAULT_SOCKET = Path.of("/run/shadowplane-provisioner/socket");

  private static final long DEFAULT_START_MS = 10_000;
  private static final long MAX_START_MS = 600_000;

  /** Copies the lists. */
  public NetnsConfig {
    users = List.copyOf(users);
    journalGroups = List.copyOf(journalGroups);
  }

  /**
   * Reads a file.
   *
   * @param file a YAML file.
   * @param scripts the folder of the launcher.
   * @throws ConfigException if it cannot be read or used; the message names file, line, value,
   *     limit and remedy.
   */
  public static NetnsConfig load(final Path file, final Path scripts) {
    final YamlReader yaml = YamlReader.of(file);
    final NetnsConfig config =
        new NetnsConfig(
            yaml.optional("directory", NetnsConfig::absolute).orElse(DEFAULT_DIRECTORY),
            yaml.optional("socket", NetnsConfig::absolute).orElse(DEFAULT_SOCKET),
            numbers(yaml, "users", "/etc/passwd"),
            yaml.optional("group", name -> number(name, "/etc/group")).orElse(-1),
            yaml.optional("uid-range", UidRange::of).orElse(UidRange.DEFAULT),
            numbers(yaml, "journal-groups", "/etc/group"),
            yaml.optional("start-timeout", NetnsConfig::milliseconds).orElse(DEFAULT_START_MS),
            scripts);
    yaml.done();
    return config;
  }

  private static List<Integer> numbers(
      final YamlReader yaml, final String key, final String database) {
    final List<Integer> numbers = new ArrayList<>();
    for (final String name : yaml.textOrTexts(key)) {
      try {
        numbers.add(number(name, database));
      } catch (IllegalArgumentException e) {
        throw yaml.refuse(key, name, String.valueOf(e.getMessage()));
      }
    }
    return numbers;
  }

  /** A user or group by number, or by its name in a file of the system. */
  private static int number(final String name, final String database) {
    if (name.matches("\\d{1,9}")) {
      return Integer.parseInt(name);
    }
    try {
      return Files.readAllLines(Path.of(database)).stream()
          .map(line -> line.split(":", -1))
          .filter(fields -> fields.length > 2 && fields[0].equals(name))
          .map(fields -> Integer.parseInt(fields[2]))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("is not in " + database + ": add it there"));
    } catch (IOException e) {
      throw new IllegalArgumentException(database + " cannot be read", e);
    }
  }

  private static long milliseconds(final String text) {
    final String remedy = "give 100ms to 600s, as in 10s";
    final java.util.regex.Matcher form =
        java.util.regex.Pattern.compile("(\\d{1,6})(ms|s)").matcher(text);
    if (form.matches()) {
      final long value = Long.parseLong(form.group(1)) * (form.group(2).equals("s") ? 1_000 : 1);
      if (value >= 100 && value <= MAX_START_MS) {
        return value;
      }
    }
    throw new IllegalArgumentException(remedy);
  }

  private static Path absolute(final String text) {
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("is no absolute path: start it with /");
    }
    return Path.of(text).normalize();
  }

  Settings settings() {
    return new Settings(
        uidRange,
        journalGroups,
        scripts.resolve("shadowplane").toString(),
        scripts.resolve("lib/confined.sh").toString(),
        Optional.ofNullable(System.getProperty("java.home")).orElse(""),
        startMs);
  }

  /** The folders, the first of them made. */
  Folders folders() throws ProvisionException {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
      throw new ProvisionException("this host's files have no owners: run it on Linux");
    }
    final Folders folders = new Folders(directory, group);
    try {
      folders.folder(directory, "rwxr-x--x", 0);
      Files.createDirectories(
          folders.watched(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new ProvisionException(
          directory + " cannot be made or given to root: run the provisioner as root (" + e + ")",
          e);
    }
    return folders;
  }
}
