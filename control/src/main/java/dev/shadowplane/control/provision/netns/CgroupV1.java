package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Control groups of version 1: a hierarchy for each controller. */
final class CgroupV1 implements Cgroups {
  private static final long PERIOD_US = 100_000;
  private static final long PAGE_BYTES = 4_096;

  private final Map<String, Path> hierarchies;

  /** Over the folders that the controllers cpu, cpuacct, memory and pids are mounted at. */
  CgroupV1(final Map<String, Path> hierarchies) {
    this.hierarchies = Map.copyOf(hierarchies);
  }

  @Override
  public String version() {
    return "v1";
  }

  @Override
  public List<Path> folders(final String group) {
    // pids first: it can forbid new processes. Controllers may share a hierarchy.
    return List.of("pids", "memory", "cpu", "cpuacct").stream()
        .map(controller -> folder(controller, group))
        .distinct()
        .toList();
  }

  private Path folder(final String controller, final String group) {
    return hierarchies.getOrDefault(controller, Path.of("/")).resolve(ROOT).resolve(group);
  }

  @Override
  public void make(final String group) throws ProvisionException {
    for (final Path folder : folders(group)) {
      CgroupMounts.make(folder);
    }
  }

  @Override
  public void limit(final String group, final double cpus, final long memoryBytes)
      throws ProvisionException {
    final Path cpu = folder("cpu", group);
    CgroupMounts.write(cpu.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_US));
    CgroupMounts.write(cpu.resolve("cpu.cfs_quota_us"), Long.toString(quota(cpus)));
    CgroupMounts.write(
        folder("memory", group).resolve("memory.limit_in_bytes"), Long.toString(memoryBytes));
    CgroupMounts.write(folder("pids", group).resolve("pids.max"), Integer.toString(MAX_TASKS));
  }

  private static long quota(final double cpus) {
    return Math.max(1_000, Math.round(cpus * PERIOD_US));
  }

  @Override
  public List<String> limitDeviations(
      final String group, final double cpus, final long memoryBytes) {
    final List<String> deviations = new ArrayList<>();
    final long quota = CgroupMounts.number(folder("cpu", group).resolve("cpu.cfs_quota_us"));
    if (quota != quota(cpus)) {
      deviations.add(
          "the processor limit is " + quota + " us in 100 ms and should be " + quota(cpus));
    }
    final long memory =
        CgroupMounts.number(folder("memory", group).resolve("memory.limit_in_bytes"));
    if (memory != memoryBytes / PAGE_BYTES * PAGE_BYTES) {
      deviations.add("the memory limit is " + memory + " bytes and should be " + memoryBytes);
    }
    return deviations;
  }

  @Override
  public long cpuNs(final String group) {
    return CgroupMounts.number(folder("cpuacct", group).resolve("cpuacct.usage"));
  }

  @Override
  public long memoryBytes(final String group) {
    return CgroupMounts.number(folder("memory", group).resolve("memory.usage_in_bytes"));
  }

  @Override
  public long oomKills(final String group) {
    return CgroupMounts.field(folder("memory", group).resolve("memory.oom_control"), "oom_kill");
  }

  @Override
  public void forbidTasks(final String group) {
    try {
      CgroupMounts.write(folder("pids", group).resolve("pids.max"), "0");
    } catch (ProvisionException e) {
      // There is no such group, then it starts nothing either.
    }
  }
}
