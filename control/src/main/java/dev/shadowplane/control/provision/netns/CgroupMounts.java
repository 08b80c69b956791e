package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out where control groups are mounted, and removes them. */
final class CgroupMounts {
  private static final List<String> CONTROLLERS = List.of("memory", "cpu", "cpuacct", "pids");
  private static final long REMOVAL_MS = 5_000;
  private static final long PAUSE_MS = 2;

  private CgroupMounts() {}

  static Cgroups detect() throws ProvisionException {
    final Map<String, Path> first = new LinkedHashMap<>();
    Path unified = null;
    try {
      for (final String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
        final String[] halves = line.split(" - ", 2);
        final String[] type = halves[1].split(" ", -1);
        final Path at = Path.of(halves[0].split(" ", -1)[4]);
        if (type[0].equals("cgroup2")) {
          unified = at;
        } else if (type[0].equals("cgroup")) {
          final Set<String> options = Set.of(type[2].split(",", -1));
          CONTROLLERS.stream().filter(options::contains).forEach(name -> first.put(name, at));
        }
      }
    } catch (IOException e) {
      throw new ProvisionException("/proc/self/mountinfo cannot be read: mount /proc", e);
    }
    if (first.keySet().containsAll(CONTROLLERS)) {
      return new CgroupV1(first);
    }
    if (unified != null && controllers(unified).containsAll(Set.of("memory", "cpu", "pids"))) {
      return new CgroupV2(unified);
    }
    throw new ProvisionException(
        "no control groups with cpu, memory and pids: mount cgroup2 at /sys/fs/cgroup, or these"
            + " controllers of version 1 below it");
  }

  private static Set<String> controllers(final Path unified) {
    final String text = read(unified.resolve("cgroup.controllers"));
    return text == null ? Set.of() : Set.of(text.split(" ", -1));
  }

  static @Nullable String read(final Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return null;
    }
  }

  static long number(final Path file) {
    final String text = read(file);
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** The number behind a word of a file with one such pair a line; 0 if there is none. */
  static long field(final Path file, final String name) {
    final String text = read(file);
    return text == null
        ? 0
        : text.lines()
            .filter(line -> line.startsWith(name + " "))
            .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1).strip()))
            .findFirst()
            .orElse(0);
  }

  static void write(final Path file, final String text) throws ProvisionException {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new ProvisionException(file + " cannot be set to " + text + ": " + e.getMessage(), e);
    }
  }

  static void make(final Path folder) throws ProvisionException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new ProvisionException("the control group " + folder + " cannot be made: " + e, e);
    }
  }

  /** Ends every process of a group and of those below it, and removes them all. */
  static void remove(final Cgroups cgroups, final String group) throws ProvisionException {
    final long end = System.nanoTime() + REMOVAL_MS * 1_000_000;
    while (!removed(cgroups, group)) {
      if (System.nanoTime() - end > 0) {
        throw new ProvisionException(
            "the control group "
                + cgroups.folders(group).getFirst()
                + " still has processes 5 s after they were killed: look why they do not end");
      }
      pause();
    }
  }

  /** Removes the folders that all groups are in, if there is none left. */
  static void removeIfEmpty(final Cgroups cgroups) {
    for (final Path folder : cgroups.folders("")) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        // Another network's are in it.
      }
    }
  }

  private static boolean removed(final Cgroups cgroups, final String group) {
    boolean all = true;
    for (final String child : children(cgroups, group)) {
      all &= removed(cgroups, group + "/" + child);
    }
    cgroups.forbidTasks(group);
    kill(cgroups, group);
    for (final Path folder : cgroups.folders(group)) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        all = false;
      }
    }
    return all;
  }

  /** Kills the processes of just this group. */
  static void kill(final Cgroups cgroups, final String group) {
    cgroups
        .processes(group)
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  /** The names of the groups directly below one. */
  static List<String> children(final Cgroups cgroups, final String group) {
    final List<String> children = new ArrayList<>();
    for (final Path folder : cgroups.folders(group)) {
      if (Files.isDirectory(folder)) {
        try (var entries = Files.newDirectoryStream(folder, Files::isDirectory)) {
          for (final Path entry : entries) {
            final String name = String.valueOf(entry.getFileName());
            if (!children.contains(name)) {
              children.add(name);
            }
          }
        } catch (IOException e) {
          // Removed at this moment.
        }
      }
    }
    return children;
  }

  static void pause() throws ProvisionException {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProvisionException("interrupted", e);
    }
  }
}
