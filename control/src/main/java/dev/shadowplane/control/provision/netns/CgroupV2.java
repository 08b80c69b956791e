package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Control groups of version 2: one hierarchy. Only groups without groups below them have processes,
 * the others pass their controllers on.
 */
final class CgroupV2 implements Cgroups {
  private static final long PERIOD_US = 100_000;
  private static final long PAGE_BYTES = 4_096;

  private final Path root;

  /** Over the folder that cgroup2 is mounted at. */
  CgroupV2(final Path mount) {
    this.root = mount.resolve(ROOT);
  }

  @Override
  public String version() {
    return "v2";
  }

  @Override
  public List<Path> folders(final String group) {
    return List.of(root.resolve(group));
  }

  @Override
  public void make(final String group) throws ProvisionException {
    final Path mount = root.resolveSibling("");
    passOn(mount);
    Path folder = root;
    CgroupMounts.make(folder);
    for (final Path name : Path.of(group)) {
      passOn(folder);
      folder = folder.resolve(name);
      CgroupMounts.make(folder);
    }
  }

  private static void passOn(final Path folder) throws ProvisionException {
    CgroupMounts.write(folder.resolve("cgroup.subtree_control"), "+cpu +memory +pids");
  }

  @Override
  public void limit(final String group, final double cpus, final long memoryBytes)
      throws ProvisionException {
    final Path folder = root.resolve(group);
    CgroupMounts.write(folder.resolve("cpu.max"), cpuMax(cpus));
    CgroupMounts.write(folder.resolve("memory.max"), Long.toString(memoryBytes));
    if (Files.exists(folder.resolve("memory.swap.max"))) {
      CgroupMounts.write(folder.resolve("memory.swap.max"), "0");
    }
    CgroupMounts.write(folder.resolve("pids.max"), Integer.toString(MAX_TASKS));
  }

  private static String cpuMax(final double cpus) {
    return Math.max(1_000, Math.round(cpus * PERIOD_US)) + " " + PERIOD_US;
  }

  @Override
  public List<String> limitDeviations(
      final String group, final double cpus, final long memoryBytes) {
    final List<String> deviations = new ArrayList<>();
    final Path folder = root.resolve(group);
    final String cpu = String.valueOf(CgroupMounts.read(folder.resolve("cpu.max")));
    if (!cpu.equals(cpuMax(cpus))) {
      deviations.add("the processor limit is " + cpu + " us and should be " + cpuMax(cpus));
    }
    final String memory = String.valueOf(CgroupMounts.read(folder.resolve("memory.max")));
    if (!memory.equals(Long.toString(memoryBytes / PAGE_BYTES * PAGE_BYTES))) {
      deviations.add("the memory limit is " + memory + " bytes and should be " + memoryBytes);
    }
    return deviations;
  }

  @Override
  public long cpuNs(final String group) {
    return CgroupMounts.field(root.resolve(group).resolve("cpu.stat"), "usage_usec") * 1_000;
  }

  @Override
  public long memoryBytes(final String group) {
    return CgroupMounts.number(root.resolve(group).resolve("memory.current"));
  }

  @Override
  public long oomKills(final String group) {
    return CgroupMounts.field(root.resolve(group).resolve("memory.events"), "oom_kill");
  }

  @Override
  public void forbidTasks(final String group) {
    try {
      CgroupMounts.write(root.resolve(group).resolve("pids.max"), "0");
    } catch (ProvisionException e) {
      // There is no such group, then it starts nothing either.
    }
  }
}
