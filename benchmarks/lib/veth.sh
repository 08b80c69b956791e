# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by peers.sh: a pair of interfaces between a program that replays and one that receives.

# Makes the pair $veth_out and $veth_in, which goes when the script ends. Nothing of the host sends into it.
make_veth() {
  [ "$(id -u)" = 0 ] || fail "the job makes network interfaces: run it as root"
  veth_out=spbench0 veth_in=spbench1
  if [ ! -e /sys/class/net/$veth_out ]; then
    undo_later delete_link $veth_out
    ip link add $veth_out type veth peer $veth_in
  fi
  local end
  for end in $veth_out $veth_in; do
    sysctl -qw "net.ipv6.conf.$end.disable_ipv6=1"
    ip link set $end arp off up
    ethtool -K $end tx off tso off gso off gro off >/dev/null 2>&1 || true
  done
}

traffic() { # sets $traffic: a capture of $1 numbered frames at $2 packets a second on average, of $3 bytes each or of mixed length
  traffic=$work/traffic-$1-$2-${3-mixed}.pcap
  [ -f "$traffic" ] || run "$scripts/shadowplane" benchmark "$(program WriteTraffic)" --file "$traffic" --frames "$1" --pps "$2" ${3:+--frame-bytes "$3"}
}

rx_packets() { cat "/sys/class/net/$veth_in/statistics/rx_packets"; }
