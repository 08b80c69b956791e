# shellcheck shell=bash
# Sourced, after messages.sh: the Debian packages that each job needs. Names carry DPDK's ABI (23 is DPDK 22.11, in
# Debian 12), the one that the bindings are made for.
packages_of() {
  case $1 in
    run) # the libraries, the pool's ring and the virtual devices; the names of ports for filters; curl for the Maven wrapper and
      # for checks of services; what the provisioner makes networks with
      echo librte-ethdev23 librte-acl23 librte-bpf23 librte-mempool-ring23 libpcap0.8 \
        librte-net-af-packet23 librte-net-pcap23 librte-net-ring23 librte-net-null23 librte-net-memif23 librte-net-tap23 \
        librte-net-af-xdp23 netbase ca-certificates curl iproute2 nftables ethtool util-linux
      ;;
    nic) # drivers of the usual virtual functions; EAL starts faster without them
      echo librte-net-e1000-23 librte-net-ixgbe23 librte-net-i40e23 librte-net-iavf23 librte-net-ice23 librte-net-mlx5-23 \
        librte-net-bnxt23 librte-net-ena23 librte-net-virtio23 librte-net-vmxnet3-23 dpdk
      ;;
    lab) echo iproute2 ethtool nftables tcpdump jq curl python3 iperf3 ;;
    test) echo "$(packages_of run) $(packages_of lab) nfdump tshark shellcheck redis-server" ;;
    sriov) echo "mmdebstrap e2fsprogs python3 ca-certificates curl" ;;
    open-vswitch) echo "openvswitch-switch-dpdk" ;;
    benchmark) echo "$(packages_of run) dpdk-dev rt-tests iproute2 ethtool tcpdump tcpreplay jq nfdump softflowd tshark" ;;
    *) usage "no package set '$1': there are run, nic, lab, test, sriov, benchmark and open-vswitch" ;;
  esac
}

packages_missing() { # of the sets named, one a line
  local set
  for set in "$@"; do packages_of "$set" | tr ' ' '\n'; done | sort -u |
    comm -23 - <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# Installs what is missing of the sets named. Without root, or without Debian's tools, says in one line what to do.
packages_install() {
  local set missing
  for set in "$@"; do packages_of "$set" >/dev/null; done
  command -v apt-get >/dev/null || fail "no apt-get here: Shadowplane runs on Debian 12 (or install DPDK 22.11 and what scripts/lib/packages.sh lists)"
  missing=$(packages_missing "$@" | xargs)
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || fail "packages are missing; run as root: apt-get update && apt-get install -y --no-install-recommends $missing"
  say "installing $missing"
  apt_get update
  # shellcheck disable=SC2086 # a list of names
  apt_get install -y --no-install-recommends -o Dpkg::Use-Pty=0 $missing
}

apt_get() { # silent unless it fails
  local output
  output=$(DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" 2>&1 </dev/null) && return
  echo "$output" >&2
  fail "apt-get $1 failed, see above: check the network and /etc/apt/sources.list; the packages are those of Debian 12"
}
