# shellcheck shell=bash disable=SC2034
# Sourced: children, which end when the script ends. Each has a process group of its own, so that Ctrl-C reaches the script
# alone, which then ends them in order. A pid is signalled only while it is our child, so that one that the kernel has given
# to another process is left alone.
our_child() { # whether $1 is a child of this script that still runs
  awk -v script=$$ '$1 == "State:" { state = $2 } $1 == "PPid:" { parent = $2 }
    END { exit !(parent == script && state != "Z") }' "/proc/$1/status" 2>/dev/null
}
none_runs() { # whether none of the children $@ still runs
  local pid
  for pid in "$@"; do if our_child "$pid"; then return 1; fi; done
}

start() { # runs a command in the background with its output in file $1; its pid is in $started
  local log=$1
  shift
  : >"$log"
  set -m
  "$@" </dev/null >>"$log" 2>&1 &
  set +m
  started=$!
}

# Runs a command and returns its status; unlike after a plain call, a signal to the script ends both at once.
run() {
  set -m
  "$@" </dev/null &
  set +m
  wait "$!"
}

signal_children() { # $1: the signal; $2...: pids
  local pid signal=$1
  shift
  for pid in "$@"; do if our_child "$pid"; then kill "-$signal" "$pid"; fi; done
}

stop_children() { # $@: pids (default: every child); SIGTERM, and SIGKILL for those that still run after ten seconds
  local pids=("$@")
  [ $# -gt 0 ] || mapfile -t pids < <(jobs -p)
  signal_children TERM "${pids[@]}"
  wait_until 10 none_runs "${pids[@]}" || signal_children KILL "${pids[@]}"
  wait "${pids[@]}" 2>/dev/null || true
}

wait_until() { # polls the command $2... for up to $1 seconds
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# Waits up to a minute for the line $3 in the log $2 of process $1; if it does not come, shows the log and fails.
wait_ready() {
  wait_until 60 said_or_ended "$@" || true
  if grep -qxF -- "$3" "$2"; then return 0; fi
  tail -n 20 "$2" >&2
  fail "no '$3' ($(if our_child "$1"; then echo "after a minute"; else echo "the process has ended"; fi)): its last lines are above"
}
said_or_ended() { grep -qxF -- "$3" "$2" || ! our_child "$1"; }
