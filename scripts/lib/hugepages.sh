# shellcheck shell=bash disable=SC2154
# Sourced, after undo.sh: hugepages for the run of one script, on the node of the worker's core. They come on top of those
# that other programs use, and go when the script ends; an operator's own reservation is left as it is.
borrow_hugepages() { # $1 pages of 2 MiB; a warning when they cannot be had; $2: a folder for the record of what was before
  local node pool wanted
  node=$(find "/sys/devices/system/cpu/cpu$(worker_cpu)" -maxdepth 1 -name 'node[0-9]*' -printf '%f\n' 2>/dev/null | head -n 1)
  pool=/sys/devices/system/node/${node:=node0}/hugepages/hugepages-2048kB
  [ -d "$pool" ] || pool=/sys/kernel/mm/hugepages/hugepages-2048kB
  wanted=$1
  if [ -d "$pool" ]; then wanted=$(($(<"$pool/nr_hugepages") - $(<"$pool/free_hugepages") + $1)); fi
  export SHADOWPLANE_HUGEPAGES_STATE=$2
  undo_later return_hugepages "$2"
  "$scripts/../hugepages-setup.sh" --pages "$wanted" --node "${node#node}" >"$2.log" 2>&1 ||
    warn "going on without hugepages, at about half the speed: $(tail -n 1 "$2.log")"
}

return_hugepages() { [ ! -d "$1" ] || SHADOWPLANE_HUGEPAGES_STATE=$1 "$scripts/../hugepages-setup.sh" --undo >/dev/null; }
