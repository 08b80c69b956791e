# shellcheck shell=bash disable=SC2154
# Sourced by jobs about the netns driver: runs a provisioner of its own, takes networks up and down, prints a median.
measure() { # the milliseconds of $1, create or delete
  local scripts work pid network round times=()
  scripts=$(readlink -f "$here/../../scripts")
  [ "$(id -u)" = 0 ] || { echo "$1: takes root" >&2; exit 2; }
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-lab.XXXXXX")
  chmod 755 "$work"
  printf 'directory: %s/data\nsocket: %s/socket\n' "$work" "$work" >"$work/provisioner.yaml"
  "$scripts/shadowplane" provisioner --config "$work/provisioner.yaml" >"$work/log" 2>&1 &
  pid=$!
  network=bench$$
  # shellcheck disable=SC2064 # what they are now
  trap "python3 '$here/netns.py' '$work/socket' delete $network >/dev/null 2>&1 || true; kill $pid; wait $pid; rm -rf '$work'" EXIT
  for ((round = 0; round < 600; round++)); do
    if grep -q 'provisioner ready' "$work/log"; then break; fi
    sleep 0.1
  done
  for round in 1 2 3 4; do # the first warms up
    local created deleted
    created=$(python3 "$here/netns.py" "$work/socket" create "$network")
    python3 "$here/netns.py" "$work/socket" observe "$network" >/dev/null
    deleted=$(python3 "$here/netns.py" "$work/socket" delete "$network")
    [ -z "$(find /run/netns -name "sp-$network*" -print -quit)" ] || { echo "$1: namespaces are left" >&2; exit 1; }
    if [ "$round" -gt 1 ]; then if [ "$1" = create ]; then times+=("$created"); else times+=("$deleted"); fi; fi
  done
  printf '%s\n' "${times[@]}" | sort -n | sed -n 2p
}
