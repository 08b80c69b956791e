# shellcheck shell=bash disable=SC2016,SC2154 # what the guest expands
# Sourced by sriov-test.sh, after guest_control.sh: what is proved in the guest. Each check goes on after a failed one.
passed=() failed=()
verify() { # $1: what is true when the command $2... succeeds
  local what=$1
  shift
  if "$@" >"$work/detail" 2>&1; then
    passed+=("$what")
    say "passed: $what"
  else
    failed+=("$what")
    say "FAILED: $what"
    sed 's/^/    /' "$work/detail"
  fi
}

print_outcome() {
  local line
  say "${#passed[@]} passed, ${#failed[@]} failed"
  for line in "${passed[@]}"; do echo "  passed  $line"; done
  [ "${#failed[@]}" -gt 0 ] || return 0
  for line in "${failed[@]}"; do echo "  FAILED  $line"; done
  tail -n 20 "$work/host/dataplane.log" 2>/dev/null | sed 's/^/  the data plane said: /'
  return 1
}

dataplane_log() { cat "$work/host/dataplane.log" 2>/dev/null; }
said() { dataplane_log | grep -qF -- "$1"; }
awaits() { wait_until "$1" said "$2" || { echo "no '$2' within $1 s:"; dataplane_log; return 1; }; }
said_times() { [ "$(dataplane_log | grep -cF -- "$1")" -ge "$2" ]; }

start_dataplane() { # by the README's line, as its user, or by the command $1
  guest 60 "bash -c '${1-$(<"$work/host/run.sh")}' >/mnt/host/dataplane.log 2>&1 & echo \$! >/run/dataplane.pid"
}
end_dataplane() { # $1: the signal
  guest 60 "read -r pid </run/dataplane.pid; kill -$1 \$pid; for i in {1..200}; do [ -e /proc/\$pid ] || exit 0; sleep 0.1; done; exit 1"
}
ready() { start_dataplane && awaits 300 "shadowplane dataplane ready"; }

set_up_as_in_readme() {
  verify "the README's set-up: hugepages-setup.sh, virtual functions, trust, dpdk-devbind.py, user and group" \
    guest 120 'bash -euxo pipefail /mnt/host/setup.sh; cp /mnt/host/shadowplane.yaml /etc'
  verify "each physical function has carrier" guest 60 \
    'for pf in eth0 eth1 eth2; do until ip link show $pf | grep -q LOWER_UP; do sleep 0.2; done; done'
}

# The README's line, changed by the sed script $1, with its configuration, changed by the sed script $2, is refused with status 2
# in one line that has the text $3.
refused() {
  local output status=0
  output=$(guest 120 "sed '$1;s,/etc/shadowplane.yaml,/tmp/refused.yaml,' /mnt/host/run.sh >/tmp/refused.sh
    sed '$2' /etc/shadowplane.yaml >/tmp/refused.yaml
    chmod 644 /tmp/refused.yaml
    bash /tmp/refused.sh") || status=$?
  echo "status $status: $output"
  [ "$status" = 2 ] && [ "$(wc -l <<<"$output")" = 1 ] && grep -qF -- "$3" <<<"$output"
}

check_refusals() {
  verify "a device that is not there: one line, status 2" refused '' 's/0000:02:10.0/0000:09:10.0/' 'port uplink: there is no PCI device 0000:09:10.0'
  verify "a user outside group vfio: one line, status 2" refused 's/--groups vfio/--clear-groups/' '' 'chgrp vfio /dev/vfio/'
  verify "a user without IPC_LOCK: one line, status 2" refused 's/--inh-caps +ipc_lock --ambient-caps +ipc_lock//' '' 'start with the capability IPC_LOCK'
  verify "dpdk-devbind.py gives a function back to the kernel's driver" guest 60 'dpdk-devbind.py --bind igbvf 0000:03:10.0'
  verify "a function bound to the kernel's driver: one line, status 2" refused '' '' \
    "port shadow: 0000:03:10.0 is bound to the kernel's driver igbvf: run dpdk-devbind.py --bind vfio-pci 0000:03:10.0"
  verify "dpdk-devbind.py takes it again" guest 60 'dpdk-devbind.py --bind vfio-pci 0000:03:10.0'
  guest 30 'ip link set eth0 vf 0 trust off; ip link set eth2 vf 0 spoofchk on' >/dev/null
  start_dataplane
  verify "promiscuous mode refused to a function that is not trusted: a warning with the remedy" awaits 120 \
    'warning: port vm: 0000:01:10.0 is not trusted, so promiscuous mode is refused and it receives its own address only: ip link set eth0 vf 0 trust on spoofchk off'
  verify "source addresses checked: a warning with the remedy" awaits 120 \
    'warning: port shadow: 0000:03:10.0 has its source addresses checked, so what it sends for others is dropped: ip link set eth2 vf 0 trust on spoofchk off'
  end_dataplane KILL >/dev/null
  guest 30 'ip link set eth0 vf 0 trust on; ip link set eth2 vf 0 spoofchk off' >/dev/null
}

# $1 frames of kind $3 and seed $2 into the wires of the two production NICs; the program says what it compares.
wires() { run /usr/bin/python3 "$scripts/sriov/wires.py" "$1" "$work" "$2" "$3" "$4"; }

exchanged=()
exchange() { # $1: how many frames
  local frames_seed=$((seed + ${#exchanged[@]}))
  exchanged+=("$1 $frames_seed")
  wires exchange "$1" "$frames_seed" own
}

check_forwarding() {
  verify "the data plane starts as user shadowplane, with group vfio and IPC_LOCK" ready
  verify "it runs without root, on hugepages and on functions that VFIO hands over" guest 30 \
    'read -r pid </run/dataplane.pid
    [ "$(stat -c %U /proc/$pid)" = shadowplane ]
    ls -l /proc/$pid/fd | grep /dev/vfio/
    [ "$(</sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages)" -lt 128 ]'
  verify "2000 frames forwarded between functions of two NICs, both ways, and mirrored to a third, byte by byte" exchange 2000
  verify "frames to other addresses are not received: the 82576 refuses promiscuous mode, and a warning says so" unseen
}
unseen() { wires silent 200 "$((seed + 100))" foreign && said 'warning: port vm: 0000:01:10.0 refuses promiscuous mode'; }

check_links() {
  monitor set_link wire1 off
  verify "a cable that is pulled is reported" awaits 60 'port uplink: link down'
  verify "the counter port.uplink.link-up is 0" link_up 0
  monitor set_link wire1 on
  verify "a cable that is plugged in again is reported" awaits 60 'port uplink: link up'
  verify "the counter port.uplink.link-up is 1" link_up 1
  verify "500 frames forwarded and mirrored again" exchange 500
  check_reset eth1 uplink 2
  check_reset eth2 shadow 1
  verify "500 frames forwarded and mirrored again after the resets" exchange 500
}
check_reset() { # the physical function $1 of port $2 is set down and up, which resets its functions; $3: the how-manieth time
  guest 30 "ip link set $1 down" >/dev/null
  verify "$1 set down is reported" wait_until 60 said_times "port $2: link down" "$3"
  guest 30 "ip link set $1 up" >/dev/null
  verify "$1 set up again is reported" wait_until 60 said_times "port $2: link up" "$3"
}
link_up() { # whether the counter is $1
  guest 120 "scripts/shadowplane stat --directory /run/shadowplane --format csv" >"$work/stat"
  grep -q ",$1,port\.uplink\.link-up" "$work/stat" || { cat "$work/stat"; return 1; }
}

check_kill_and_restart() {
  verify "kill -9 ends the data plane" end_dataplane KILL
  guest 30 "sed -i '/^rules:/,\$d' /etc/shadowplane.yaml" >/dev/null # so that the rules can only be those it has kept
  verify "it starts again on the same functions" ready
  verify "2000 frames forwarded and mirrored by the rules it has kept, byte by byte" exchange 2000
}

check_journal() {
  verify "the journal, written by two processes, exports" guest 300 \
    'scripts/shadowplane journal export --journal /var/lib/shadowplane/journal --output /tmp/export.pcapng; cp /tmp/export.pcapng /mnt/host'
  verify "the export holds each frame of every exchange once, byte by byte" exported
  verify "SIGTERM ends the data plane" end_dataplane TERM
}
exported() {
  local one
  for one in "${exchanged[@]}"; do
    # shellcheck disable=SC2086 # two words
    run /usr/bin/python3 "$scripts/sriov/wires.py" journal "$work/host/export.pcapng" $one own || return 1
  done
}

check_without_iommu() {
  guest 120 'bash -x /mnt/host/setup.sh; cp /mnt/host/shadowplane.yaml /etc' >/dev/null || true # vfio-pci does not take the functions
  verify "no IOMMU: one line, status 2" refused '' '' 'port vm: 0000:01:10.0 is behind no IOMMU'
  guest 30 'sed "s/0000:0\([123]\):10.0/net_af_packet,iface=eth\1/;s/eth3/eth0/;s,/\(run\|var/lib\)/shadowplane,&-kernel," /etc/shadowplane.yaml >/tmp/kernel.yaml' >/dev/null
  start_dataplane 'scripts/shadowplane dataplane --config /tmp/kernel.yaml'
  verify "a NIC that stays with the kernel and merges frames: a warning with the remedy" awaits 120 \
    'warning: port vm: eth1 merges the frames it receives, and what is longer than its MTU is lost: ethtool -K eth1 gro off lro off'
  end_dataplane KILL >/dev/null
}
