# shellcheck shell=bash
# Sourced: which cores poll and which do everything else. Cores are those that this process may use.
allowed_cpus() { # one a line, ascending
  local part
  sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr ',' '\n' | while read -r part; do
    seq "${part%-*}" "${part#*-}"
  done
}

worker_cpu() { allowed_cpus | tail -n 1; }

# The cores of everything that is no worker, as taskset reads them: SHADOWPLANE_HOUSEKEEPING_CPUS, or all but the last.
# Empty on one core, where there is nothing to choose.
housekeeping_cpus() { echo "${SHADOWPLANE_HOUSEKEEPING_CPUS:-$(allowed_cpus | sed '$d' | paste -sd,)}"; }

# Whether a data plane, or a replay of its own, may poll a core of this host.
worker_runs() { grep -qsaP 'dev\.shadowplane\.dataplane\.DataPlaneMain|ShadowplaneCommand\x00replay\x00run' /proc/[0-9]*/cmdline; }
