# shellcheck shell=bash disable=SC2154
# Sourced with processes.sh: what a script changes is undone when it ends, however it ends: first its children end, then the
# changes go, the last one first. A second Ctrl-C does not interrupt that.
undo_steps=()
undo_later() { undo_steps+=("$(printf '%q ' "$@")"); } # a command and its arguments; no harm if its change was not made yet

undo_all() {
  local i failed=0
  trap '' INT TERM HUP PIPE
  set +e
  stop_children
  for ((i = ${#undo_steps[@]} - 1; i >= 0; i--)); do
    eval "${undo_steps[i]}" || { warn "could not undo: ${undo_steps[i]}"; failed=1; }
  done
  undo_steps=()
  return "$failed"
}

undo_at_exit() {
  trap 'status=$?; undo_all || status=$((status ? status : 1)); exit $status' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  trap 'exit 141' PIPE
}
