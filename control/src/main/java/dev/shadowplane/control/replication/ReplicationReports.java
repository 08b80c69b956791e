package dev.shadowplane.control.replication;

import dev.shadowplane.control.model.Names;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads what replicas report, also while they write, from the folder in which the provisioner keeps
 * the reports of all agents: {@code SHADOW/agents/NAME/report}. What is written there may be
 * damaged or hostile. Safe for many threads.
 */
public final class ReplicationReports {
  /** The most that are listed. */
  public static final int MAX_LISTED = 10_000;

  private final Path folder;

  /**
   * Reads nothing yet.
   *
   * @param folder of all reports; need not exist.
   */
  public ReplicationReports(final Path folder) {
    this.folder = folder;
  }

  /**
   * A report.
   *
   * @param shadow the shadow's name.
   * @param name the agent's.
   * @param status what it said last.
   */
  public record Named(String shadow, String name, ReplicationStatus status) {}

  /**
   * The reports of one shadow, or of all; damaged ones are left out.
   *
   * @param shadow the shadow's name; empty for all.
   * @return at most {@link #MAX_LISTED}, by shadow and name.
   * @throws IllegalArgumentException if this cannot be a name.
   * @throws IOException if the folder cannot be read.
   */
  public List<Named> all(final String shadow) throws IOException {
    final List<Named> found = new ArrayList<>();
    for (final String network : shadow.isEmpty() ? names(folder) : List.of(checked(shadow))) {
      for (final String agent : names(agents(network))) {
        final Named report = readable(network, agent);
        if (report != null && found.size() < MAX_LISTED) {
          found.add(report);
        }
      }
    }
    return found;
  }

  /**
   * One report.
   *
   * @param shadow the shadow's name.
   * @param name the agent's.
   * @return null if there is none.
   * @throws IllegalArgumentException if one of them cannot be a name.
   * @throws IOException if it cannot be read.
   */
  public @Nullable Named one(final String shadow, final String name) throws IOException {
    final ReplicationStatus status =
        new ReplicationReport(agents(checked(shadow)).resolve(checked(name)).resolve("report"))
            .status();
    return status == null ? null : new Named(shadow, name, status);
  }

  private @Nullable Named readable(final String shadow, final String name) {
    try {
      return one(shadow, name);
    } catch (IOException e) {
      return null;
    }
  }

  private Path agents(final String shadow) {
    return folder.resolve(shadow).resolve("agents");
  }

  private static String checked(final String name) {
    if (!Names.valid(name)) {
      throw new IllegalArgumentException(
          "'" + name + "' is no name: see 'shadowplane replication'");
    }
    return name;
  }

  /** Folders in a folder that are named as networks and agents are; none if there is no folder. */
  private static Iterable<String> names(final Path folder) throws IOException {
    final TreeSet<String> names = new TreeSet<>();
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return names;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (final Path entry : entries) {
        final String name = String.valueOf(entry.getFileName());
        if (Names.valid(name)) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException e) {
      return names; // It went meanwhile.
    }
    return names;
  }
}
