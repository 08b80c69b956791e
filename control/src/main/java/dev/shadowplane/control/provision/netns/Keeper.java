package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Programs that are kept running by {@code scripts/lib/confined.sh}, each with a folder of its own,
 * as a user without privileges, in a control group. They live on when the provisioner ends.
 */
final class Keeper {
  private static final int MAX_LAST_LINE = 200;

  private final Host host;

  Keeper(final Host host) {
    this.host = host;
  }

  /**
   * A program to keep.
   *
   * @param folder where its log is.
   * @param group the control group that it runs in.
   * @param keeperGroup the control group of what keeps it.
   * @param namespace its network namespace; empty for the host's.
   * @param uid its user.
   * @param groups further groups that it is in.
   * @param home the folder that it starts in, and may write to.
   * @param hidden whether it sees only its own temporary files and sockets.
   */
  record Job(
      Path folder,
      String group,
      String keeperGroup,
      String namespace,
      int uid,
      List<Integer> groups,
      Path home,
      boolean hidden) {
    Job {
      groups = List.copyOf(groups);
    }
  }

  /**
   * How often a program has ended.
   *
   * @param ended how often.
   * @param status its last exit status.
   */
  record Ends(int ended, int status) {}

  /** Starts it; it does not run yet. */
  void start(final Job job, final List<String> command, final Map<String, String> environment)
      throws ProvisionException {
    host.cgroups().make(job.group());
    host.cgroups().make(job.keeperGroup());
    final List<String> words = new ArrayList<>();
    words.add(Integer.toString(environment.size()));
    environment.forEach((name, value) -> words.add(name + "=" + value));
    words.addAll(command);
    final ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (final String word : words) {
      text.writeBytes(word.getBytes(StandardCharsets.UTF_8));
      text.write(0);
    }
    final List<String> keep = new ArrayList<>(List.of("setsid", "--fork"));
    if (!job.namespace().isEmpty()) {
      keep.addAll(List.of(Commands.inNamespace(job.namespace())));
    }
    keep.addAll(List.of("bash", host.settings().keeper(), "keep"));
    keep.add(job.folder().toString());
    keep.add(Integer.toString(job.uid()));
    keep.add(job.groups().stream().map(String::valueOf).collect(Collectors.joining(",")));
    keep.add(job.home().toString());
    keep.add(job.hidden() ? "1" : "0");
    keep.add(joined(job.keeperGroup()));
    keep.add(joined(job.group()));
    try {
      final Path file = job.folder().resolve("command");
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(file, text.toByteArray());
      Files.deleteIfExists(job.folder().resolve("status"));
      final ProcessBuilder builder = new ProcessBuilder(keep);
      builder.environment().clear();
      builder.environment().put("PATH", Commands.PATH);
      builder.environment().put("LC_ALL", "C.UTF-8");
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.redirectErrorStream(true);
      builder.redirectOutput(
          ProcessBuilder.Redirect.to(job.folder().resolve("keeper.log").toFile()));
      final int status = builder.start().waitFor();
      if (status != 0) {
        throw new ProvisionException("setsid failed with status " + status);
      }
    } catch (IOException e) {
      throw new ProvisionException(
          "the program in " + job.folder() + " cannot be started: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProvisionException("interrupted", e);
    }
  }

  private String joined(final String group) {
    return host.cgroups().folders(group).stream()
        .map(Path::toString)
        .collect(Collectors.joining(":"));
  }

  /** Ends it and everything it has started. */
  void stop(final String group, final String keeperGroup) throws ProvisionException {
    CgroupMounts.remove(host.cgroups(), keeperGroup);
    CgroupMounts.remove(host.cgroups(), group);
  }

  /** How often it has ended since it was started. */
  static Ends ends(final Path folder) {
    final String text = CgroupMounts.read(folder.resolve("status"));
    if (text != null) {
      final String[] words = text.split(" ", -1);
      if (words.length == 3) {
        return new Ends(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
      }
    }
    return new Ends(0, 0);
  }

  /** Why it ended, for people. */
  String reason(final Path folder, final String group) {
    final Ends ends = ends(folder);
    final StringBuilder text = new StringBuilder();
    if (host.cgroups().oomKills(group) > 0) {
      text.append("it was killed because it wanted more memory than its VM may have");
    } else if (ends.ended() > 0) {
      text.append("it ended with status ").append(ends.status());
      if (ends.status() > 128 && ends.status() < 193) {
        text.append(" (signal ").append(ends.status() - 128).append(')');
      }
      if (ends.ended() > 1) {
        text.append(", ").append(ends.ended()).append(" times");
      }
    } else {
      text.append("it has not started");
    }
    final String last = lastLine(folder);
    if (!last.isEmpty()) {
      text.append("; its last line: ").append(last);
    }
    return text.toString();
  }

  private static String lastLine(final Path folder) {
    for (final String name : List.of("log", "log.1", "keeper.log")) {
      try (var channel = Files.newByteChannel(folder.resolve(name))) {
        final long size = channel.size();
        channel.position(Math.max(0, size - 4 * MAX_LAST_LINE));
        final java.nio.ByteBuffer tail = java.nio.ByteBuffer.allocate(4 * MAX_LAST_LINE);
        int count = 0;
        while (count >= 0 && tail.hasRemaining()) {
          count = channel.read(tail);
        }
        final String text =
            new String(tail.array(), 0, tail.position(), StandardCharsets.UTF_8).strip();
        if (!text.isEmpty()) {
          final String line = text.substring(text.lastIndexOf('\n') + 1);
          return line.replaceAll("[^\\p{Graph} ]", "?")
              .substring(0, Math.min(MAX_LAST_LINE, line.length()));
        }
      } catch (IOException e) {
        // It has none yet.
      }
    }
    return "";
  }

  /** Whether its control group has a process of a user. */
  boolean runsAs(final String group, final int uid) {
    for (final long pid : host.cgroups().processes(group)) {
      try {
        if (Integer.valueOf(uid).equals(Files.getAttribute(Path.of("/proc/" + pid), "unix:uid"))) {
          return true;
        }
      } catch (IOException e) {
        // It has ended at this moment.
      }
    }
    return false;
  }

  /** Whether its main control group has a process in a namespace. */
  boolean runsIn(final String group, final String namespace) {
    final List<Long> pids = host.cgroups().processes(group);
    if (pids.isEmpty()) {
      return false;
    }
    if (namespace.isEmpty()) {
      return true;
    }
    try {
      final Object inode = Files.getAttribute(Layout.namespaceFile(namespace), "unix:ino");
      final String link =
          Files.readSymbolicLink(Path.of("/proc/" + pids.getFirst() + "/ns/net")).toString();
      return link.equals("net:[" + inode + "]");
    } catch (IOException e) {
      return false;
    }
  }
}
