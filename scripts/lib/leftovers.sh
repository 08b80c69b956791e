# shellcheck shell=bash disable=SC2154
# Sourced, after processes.sh: what a run leaves on the host. remember_host before it, left_behind after it.
host_state() { # one thing a line: namespaces, interfaces, control groups, firewall tables, files of ours outside the run's own folder, changes to the checkout
  local folder
  find /run/netns -mindepth 1 -maxdepth 1 -printf 'network namespace %f\n' 2>/dev/null || true
  find /sys/class/net -mindepth 1 -maxdepth 1 -printf 'network interface %f\n'
  find /sys/fs/cgroup -mindepth 1 -type d -path '*/shadowplane/*' -printf 'control group %p\n' 2>/dev/null || true
  if command -v nft >/dev/null && [ "$(id -u)" = 0 ]; then nft list tables 2>/dev/null | sed 's/^table/firewall table/' || true; fi
  for folder in /tmp /var/tmp /dev/shm /run /var/lib; do
    find "$folder" -mindepth 1 -maxdepth 1 \( -iname '*shadowplane*' -o -name 'junit*' -o -name 'dpdk*' -o -name 'rtemap*' \) \
      -printf 'file %p\n' 2>/dev/null || true
  done
  if git -C "$scripts/.." rev-parse --git-dir >/dev/null 2>&1; then
    git -C "$scripts/.." status --porcelain | sed 's/^/change to the checkout: /'
  fi
}

remember_host() { host_state | LC_ALL=C sort >"$1/host-before"; } # in the folder $1

# Prints what is there that was not before: $1 as above, $2 a variable assignment that the run's processes have in their
# environment, $3 the temporary folder of the run. Things that are still going have five seconds to go.
left_behind() {
  wait_until 5 nothing_left "$@" || things_left "$@"
}
nothing_left() { [ -z "$(things_left "$@")" ]; }
things_left() {
  LC_ALL=C comm -13 "$1/host-before" <(host_state | LC_ALL=C sort)
  find "$3" -mindepth 1 -maxdepth 2 -printf 'file %p\n'
  local file
  { grep -lsaF -- "$2" /proc/[0-9]*/environ || true; } | while IFS= read -r file; do
    file=${file%/environ}
    echo "process ${file#/proc/}: $(tr '\0' ' ' <"$file/cmdline" 2>/dev/null | cut -c 1-200)"
  done
}
