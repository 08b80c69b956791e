package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The control groups of what is provisioned: a tree {@code shadowplane/NETWORK/VM/SERVICE}. Limits
 * are a VM's; what it uses is counted there.
 */
interface Cgroups {
  /** The folder of everything below the hierarchies' roots. */
  String ROOT = "shadowplane";

  /** The most processes and threads that a VM may have. */
  int MAX_TASKS = 512;

  /** Which version, for people: {@code v1} or {@code v2}. */
  String version();

  /** The folders of a group, one in each hierarchy; the first lists its processes. */
  List<Path> folders(String group);

  /** Makes a group and those above it. */
  void make(String group) throws ProvisionException;

  /** Sets what a VM may use. */
  void limit(String group, double cpus, long memoryBytes) throws ProvisionException;

  /** Limits that are not those given, as sentences. */
  List<String> limitDeviations(String group, double cpus, long memoryBytes);

  /** Processor time used so far, in nanoseconds; 0 if there is no such group. */
  long cpuNs(String group);

  /** Memory used now; 0 if there is no such group. */
  long memoryBytes(String group);

  /** How often the kernel has killed a process of just this group for lack of memory. */
  long oomKills(String group);

  /** Lets a group start no process any more. */
  void forbidTasks(String group);

  /** The processes of just this group. */
  default List<Long> processes(final String group) {
    try {
      return Files.readAllLines(folders(group).getFirst().resolve("cgroup.procs")).stream()
          .map(Long::parseLong)
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Which is mounted here. */
  static Cgroups detect() throws ProvisionException {
    return CgroupMounts.detect();
  }
}
