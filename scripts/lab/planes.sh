# shellcheck shell=bash disable=SC2154
# Sourced, after processes.sh: the two processes of the product, and what they say while they run. As root, control has none
# of root's capabilities, and the data plane's files have a group of their own.
start_planes() {
  export RUNTIME_DIRECTORY=$lab_shared # where EAL makes its folder; without it, /run/dpdk, which it never removes
  lab_dataplane_log=$lab_work/dataplane.log lab_control_log=$lab_work/control.log
  local in_group=() unprivileged=()
  if [ "$(id -u)" = 0 ]; then
    in_group=(setpriv --regid "$lab_journal_group" --clear-groups)
    unprivileged=(setpriv --bounding-set=-all --inh-caps=-all --no-new-privs)
  fi
  start "$lab_dataplane_log" "${in_group[@]}" "$scripts/shadowplane" dataplane --config "$lab_work/dataplane.yaml"
  lab_dataplane_pid=$started
  wait_ready "$lab_dataplane_pid" "$lab_dataplane_log" "shadowplane dataplane ready"
  start "$lab_control_log" "${unprivileged[@]}" "$scripts/shadowplane" control --config "$lab_work/control.yaml"
  lab_control_pid=$started
  wait_ready "$lab_control_pid" "$lab_control_log" "shadowplane control ready"
}

planes_alive() { # or shows the last words of the one that has ended, and fails
  our_child "$lab_dataplane_pid" || { tail -n 20 "$lab_dataplane_log" >&2; fail "the data plane has ended; its last lines are above"; }
  our_child "$lab_control_pid" || { tail -n 20 "$lab_control_log" >&2; fail "control has ended; its last lines are above"; }
}

stop_plane() { # $1 its pid, $2 its name, $3 its log; a clean end is status 0, or 143 by a hook of the JVM
  local status=0
  kill "$1"
  wait_until 10 none_runs "$1" || fail "$2 does not end on SIGTERM within ten seconds"
  wait "$1" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 143 ] || { tail -n 20 "$3" >&2; fail "$2 ended with status $status; its last lines are above"; }
}

stop_provisioner() { stop_plane "$lab_provisioner_pid" "the provisioner" "$lab_provisioner_log"; }
stop_control() { stop_plane "$lab_control_pid" control "$lab_control_log"; }
stop_dataplane() { stop_plane "$lab_dataplane_pid" "the data plane" "$lab_dataplane_log"; }

counters() { "$scripts/shadowplane" stat --directory "$lab_shared" --format json; }

live() { # prints one object: the packets forwarded, mirrored, shed and journaled so far
  counters | jq -c -L "$scripts/lab" 'include "report"; live'
}

# Waits until nothing moves any more: production has drained, and the journal has what was mirrored.
settle() {
  local before='' now i
  for ((i = 0; i < 20; i++)); do
    now=$(live)
    [ "$now" != "$before" ] || return 0
    before=$now
    sleep 0.3
  done
  warn "the counters do not settle"
}

# Lets traffic run for $1 seconds or until Ctrl-C, with the live numbers each second on a terminal.
watch_traffic() {
  local end=$((SECONDS + $1)) numbers interrupted=0
  trap 'interrupted=1' INT
  while [ "$SECONDS" -lt "$end" ] && [ "$interrupted" = 0 ]; do
    planes_alive
    if [ -t 1 ] && numbers=$(live); then
      jq -rj --arg left "$((end - SECONDS))" '"\r\u001b[K\($left) s left: forwarded \(.forwarded), mirrored \(.mirrored), shed \(.shed), journaled \(.journaled)"' <<<"$numbers"
    fi
    sleep 1 || true
  done
  trap 'exit 130' INT
  if [ -t 1 ]; then echo; fi
}
