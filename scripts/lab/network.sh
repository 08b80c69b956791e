# shellcheck shell=bash disable=SC2154
# Sourced, after undo.sh and processes.sh: the lab's network. Three namespaces, each joined to the data plane by a veth
# pair whose other end stays with the host and belongs to the data plane; nothing else connects them.
#
#   client (198.18.0.1, fd00:5ad0::1, VLAN 100: 198.18.100.1) ---- host end "c"
#   server (198.18.0.2, fd00:5ad0::2, VLAN 100: 198.18.100.2) ---- host end "s"
#   shadow (no address)                                       ---- host end "m"
lab_vlan=100

lab_names() { # sets the names of a run; they carry $lab_id, so that runs beside each other do not meet
  lab_id=$(head -c 6 /proc/sys/kernel/random/uuid)
  lab_client=sp-client-$lab_id lab_server=sp-server-$lab_id lab_shadow=sp-shadow-$lab_id
  lab_port_client=sp${lab_id}c lab_port_server=sp${lab_id}s lab_port_shadow=sp${lab_id}m
}

# Runs a command in namespace $1, off the worker's core. Not by `ip netns exec` or `ip -n`, which want / to be a mount
# point: in a chroot it is none.
in_namespace() {
  local namespace=$1 cpus
  shift
  cpus=$(housekeeping_cpus)
  exec ${cpus:+taskset -c "$cpus"} nsenter --net="/run/netns/$namespace" "$@"
}

ip_in() { # ip in namespace $1
  local namespace=$1
  shift
  nsenter --net="/run/netns/$namespace" ip "$@"
}

remove_link() { # which may go by itself meanwhile, with the namespace of its other end
  [ ! -e "/sys/class/net/$1" ] || ip link delete "$1" 2>/dev/null || [ ! -e "/sys/class/net/$1" ]
}

remove_namespace() { # and whatever still runs in it, which can only be ours
  [ -e "/run/netns/$1" ] || return 0
  local pids
  pids=$(ip netns pids "$1")
  # shellcheck disable=SC2086 # a list of pids
  if [ -n "$pids" ]; then kill -9 $pids 2>/dev/null; fi
  ip netns delete "$1"
}

# `ip netns add` makes the folder of all namespaces when it is the first: that is undone too, unless others use it by now.
remove_namespace_folder() {
  if [ -z "$(ls /run/netns)" ] && umount /run/netns; then rmdir /run/netns; fi
}

# Packets cross the data plane as they are on a wire: full checksums and no segmentation left to a NIC.
no_offloads() { ethtool -K "$1" tx off tso off gso off gro off >/dev/null; }

no_ipv6() { # in the namespace of the caller; nothing to do where the kernel has no IPv6
  local setting=/proc/sys/net/ipv6/conf/$1/disable_ipv6
  if [ -e "$setting" ]; then echo 1 >"$setting"; fi
}

# What comes to the data plane's end $1 of a pair is for the data plane alone: the host neither answers nor takes it.
keep_host_out() {
  undo_later remove_chain "$1"
  nft add table netdev "$1" "{ chain host { type filter hook ingress device $1 priority 0; policy drop; }; }"
}

remove_chain() { if nft list table netdev "$1" >/dev/null 2>&1; then nft delete table netdev "$1"; fi; }

add_namespace() { # $1, with the interface eth0, whose other end is $2 (empty: no interface)
  [ -d /run/netns ] || undo_later remove_namespace_folder
  undo_later remove_namespace "$1"
  ip netns add "$1"
  ip_in "$1" link set lo up
  [ -n "$2" ] || return 0
  undo_later remove_link "$2"
  ip link add "$2" type veth peer name eth0 netns "$1"
  no_offloads "$2"
  no_ipv6 "$2"
  keep_host_out "$2"
  ip link set "$2" up
}

set_up_host() { # namespace $1 as host number $2 of the lab
  (in_namespace "$1" ethtool -K eth0 tx off tso off gso off gro off >/dev/null)
  ip_in "$1" address add "198.18.0.$2/24" dev eth0
  ip_in "$1" address add "fd00:5ad0::$2/64" dev eth0 nodad
  ip_in "$1" link set eth0 up
  add_vlan "$1"
  ip_in "$1" address add "198.18.$lab_vlan.$2/24" dev "vlan$lab_vlan"
  ip_in "$1" link set "vlan$lab_vlan" up
}

add_vlan() { # a kernel without 802.1Q gets a tap whose tags are put on and taken off by a small program
  local name=vlan$lab_vlan log
  if ip_in "$1" link add link eth0 name "$name" type vlan id "$lab_vlan" 2>/dev/null; then return 0; fi
  log=$lab_work/vlan-$1.log
  start "$log" in_namespace "$1" /usr/bin/python3 "$scripts/lab/vlan_tap.py" eth0 "$lab_vlan" "$name"
  wait_ready "$started" "$log" ready
  ip_in "$1" link set "$name" address "$(ip_in "$1" -j link show eth0 | jq -r '.[0].address')"
}

lab_network() {
  add_namespace "$lab_client" "$lab_port_client"
  add_namespace "$lab_server" "$lab_port_server"
  add_namespace "$lab_shadow" "$lab_port_shadow"
  set_up_host "$lab_client" 1
  set_up_host "$lab_server" 2
  # shellcheck disable=SC2016 # expanded in the namespace
  (in_namespace "$lab_shadow" bash -c '[ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
    ethtool -K eth0 tx off tso off gso off gro off >/dev/null')
  ip_in "$lab_shadow" link set eth0 up
}
