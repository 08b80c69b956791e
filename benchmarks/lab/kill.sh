#!/usr/bin/env bash
# kill -9 of control or of the provisioner at random moments of create, resize and delete, 100 times. Prints how much was left over.
#   benchmarks/lab/kill.sh [TIMES [SEED]]
# After each kill what was killed is started again, and what had been asked for has to come about by itself: every service
# passes, or nothing is left; then a second apply has nothing to do. Control runs as nobody, without capabilities.
# Exit status: 0 measured, 1 not.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
lab=$(dirname "$(readlink -f "$0")")
scripts=$lab/../../scripts
for part in messages packages cpus undo processes build; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
times=${1:-100} seed=${2:-$RANDOM}
[[ $times =~ ^[1-9][0-9]{0,3}$ && $seed =~ ^[0-9]{1,5}$ ]] || usage "'$*' are no TIMES and SEED: try 100 1"
[ "$(id -u)" = 0 ] || fail "this makes network namespaces: run it as root"

exec 3>&1 1>&2 # what scripts say is progress; the figure goes to 3
undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
build_if_stale control
say "seed $seed"
RANDOM=$seed
work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-kill.XXXXXX")
undo_later rm -rf "$work"
chmod 755 "$work"
network=kill$((BASHPID % 100000))
nobody=65534
install -d -o "$nobody" -g "$nobody" -m 750 "$work/state"
install -d -m 755 "$work/provisioner"
port=$((20000 + BASHPID % 20000))
cat >"$work/provisioner.yaml" <<END
directory: $work/provisioner
socket: $work/socket
users: [$nobody]
group: $nobody
END
cat >"$work/control.yaml" <<END
directory: $work/shm
state: $work/state
listen: 127.0.0.1:$port
shadows: { provisioner: $work/socket, directory: $work/provisioner, look-every: 2s }
END
vms=$(for i in 1 2 3; do echo "    - { name: vm-$i, nics: [{ subnet: front, addresses: [10.99.0.1$i], security-groups: [web] }] }"; done)
cat >"$work/template.yaml" <<END
version: 1
network:
  name: $network
  subnets: [{ name: front, prefixes: [10.99.0.0/24] }]
  security-groups: [{ name: web, ingress: [{ protocol: tcp, ports: 80 }] }]
  vms:
$vms
  services:
    - { name: web, vms: [vm-1, vm-2, vm-3], port: 80, command: [/usr/bin/python3, -m, http.server, "80"], check: { kind: http } }
shadow: { name: $network-s, provisioner: netns }
END

shadow() { "$scripts/shadowplane" shadow "$@" --control-config "$work/control.yaml"; }
start_provisioner() {
  start "$work/provisioner.log" "$scripts/shadowplane" provisioner --config "$work/provisioner.yaml"
  provisioner=$started
  wait_ready "$provisioner" "$work/provisioner.log" "shadowplane provisioner ready"
}
start_control() {
  start "$work/control.log" setpriv --reuid "$nobody" --regid "$nobody" --clear-groups --inh-caps=-all --ambient-caps=-all \
    --bounding-set=-all --no-new-privs "$scripts/shadowplane" control --config "$work/control.yaml"
  control=$started
  wait_ready "$control" "$work/control.log" "shadowplane control ready"
}
state() { shadow list --format csv 2>/dev/null | sed -n '2s/\r$//p' | cut -d, -f3; }
is_ready() { [ "$(state)" = ready ]; }
is_gone() { local listed; listed=$(shadow list --format csv 2>/dev/null) && [ "$(wc -l <<<"$listed")" = 1 ]; }
left_over() { # a line for each thing of the network that is still there
  ip -o netns list 2>/dev/null | grep -F -- "sp-$network" || true
  find /sys/fs/cgroup -maxdepth 4 -type d -name "*$network*" 2>/dev/null || true
  find "$work/provisioner" -mindepth 1 -maxdepth 1 -name "*$network*" || true
  grep -lsaF -- "$work/provisioner/$network" /proc/[0-9]*/cmdline | grep -v "^/proc/$provisioner/" || true
}
clean() { # whatever a failed run has left
  local line group
  ip -o netns list 2>/dev/null | awk '{ print $1 }' | { grep -F -- "sp-$network" || true; } | while IFS= read -r line; do
    ip netns pids "$line" | xargs -r kill -KILL
    ip netns delete "$line"
  done
  find /sys/fs/cgroup -maxdepth 4 -type d -name "$network-s" 2>/dev/null | while IFS= read -r group; do
    # shellcheck disable=SC2038 # these are numbers
    find "$group" -name cgroup.procs -exec cat {} + | xargs -r kill -KILL
    wait_until 5 eval "find '$group' -depth -type d -exec rmdir {} + 2>/dev/null" || warn "$group cannot be removed"
  done
}
undo_later clean

start_provisioner
start_control
leftovers=0 exists=0 killed=0
for ((i = 1; i <= times; i++)); do
  if [ "$exists" = 0 ]; then operation=create; elif [ $((RANDOM % 2)) = 0 ]; then operation=resize; else operation=delete; fi
  case $operation in
    create) command=(apply --file "$work/template.yaml") ;;
    resize) command=(resize "$network" --cpu-factor "0.$((RANDOM % 9 + 1))") ;;
    delete) command=(delete "$network") ;;
  esac
  before=$(shadow history "$network" --format csv 2>/dev/null | wc -l || true)
  start "$work/command.log" "$scripts/shadowplane" shadow "${command[@]}" --control-config "$work/control.yaml"
  asking=$started
  sleep "$((RANDOM % 3)).$(printf %03d $((RANDOM % 1000)))"
  if [ $((RANDOM % 3)) = 0 ]; then
    kill -KILL "$provisioner"
    wait "$provisioner" 2>/dev/null || true
    start_provisioner
    wait "$asking" || true
  else
    kill -KILL "$control"
    wait "$control" 2>/dev/null || true
    wait "$asking" || true
    start_control
  fi
  killed=$((killed + 1))
  # What was asked for is kept or not; what is kept has to come about.
  after=$(shadow history "$network" --format csv 2>/dev/null | wc -l || true)
  [ "$after" = "$before" ] || case $operation in create) exists=1 ;; delete) exists=0 ;; esac
  if [ "$exists" = 1 ]; then
    wait_until 60 is_ready || fail "round $i ($operation): the network is '$(state)' after a minute: $(shadow list)"
    if [ "$(ip -o netns list | grep -cF -- "sp-$network-s")" != 4 ]; then fail "round $i ($operation): namespaces are missing"; fi
  else
    wait_until 60 is_gone || fail "round $i ($operation): not gone after a minute: $(shadow list)"
    left=$(left_over)
    [ -z "$left" ] || { leftovers=$((leftovers + $(wc -l <<<"$left"))); warn "round $i: left over: $left"; }
  fi
  grep -q '^CapEff:[[:space:]]*0*$' "/proc/$control/status" || fail "control has capabilities: $(grep '^Cap' "/proc/$control/status")"
  say "round $i of $times: $operation, consistent"
done
heap=$(setpriv --reuid "$nobody" --regid "$nobody" --clear-groups "$JAVA_HOME/bin/jcmd" "$control" GC.heap_info 2>/dev/null | sed -n 's/.*used \([0-9]*[KM]\).*/\1/p' | head -n 1) || true
if [ "$exists" = 1 ]; then run "$scripts/shadowplane" shadow delete "$network" --control-config "$work/control.yaml"; fi
wait_until 60 is_gone || fail "the network cannot be deleted: $(shadow list)"
left=$(left_over)
[ -z "$left" ] || { leftovers=$((leftovers + $(wc -l <<<"$left"))); warn "left over: $left"; }
say "killed $killed times; heap of control in use: ${heap:-unknown}"
echo "$leftovers" >&3
