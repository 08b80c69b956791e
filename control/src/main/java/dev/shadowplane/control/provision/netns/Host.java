package dev.shadowplane.control.provision.netns;

import java.util.List;

/**
 * What the parts of the driver work with.
 *
 * @param commands runs programs.
 * @param records what is provisioned.
 * @param folders where files are.
 * @param cgroups the kernel's control groups.
 * @param settings the configuration.
 */
record Host(
    Commands commands, Records records, Folders folders, Cgroups cgroups, Settings settings) {
  /**
   * The configuration of the driver.
   *
   * @param uids users that services run as.
   * @param journalGroups the groups, as numbers, whose files agents may read.
   * @param launcher the script that starts agents.
   * @param keeper the script that keeps programs running.
   * @param javaHome where the launcher finds Java; empty if it looks for it itself.
   * @param startMs how long a service may take until it passes its check.
   */
  record Settings(
      UidRange uids,
      List<Integer> journalGroups,
      String launcher,
      String keeper,
      String javaHome,
      long startMs) {
    Settings {
      journalGroups = List.copyOf(journalGroups);
    }
  }
}
