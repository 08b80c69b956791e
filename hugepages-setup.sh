#!/usr/bin/env bash
# Reserves hugepages on every NUMA node, says what it did, and takes it back on request.
#   hugepages-setup.sh [--pages N] [--size 2M|1G] [--node N]    at least N pages on the node (default: 1 GiB, every node)
#   hugepages-setup.sh --check [--pages N] [--size 2M|1G] [--node N]    changes nothing; status 0 when they are there
#   hugepages-setup.sh --undo    back to what was there before the first run
# Exit status: 0 done, 1 the pages cannot be had, 2 wrong usage. Running it twice does no more than running it once.
set -euo pipefail

state=${SHADOWPLANE_HUGEPAGES_STATE:-/run/shadowplane-hugepages} # on tmpfs, as a reboot drops the pages too
action=reserve pages='' size=2M node=''

fail() { echo "hugepages-setup: $*" >&2; exit 1; }
usage() { echo "hugepages-setup: $*; see --help" >&2; exit 2; }
number() { [[ $2 =~ ^[0-9]{1,7}$ ]] || usage "$1 takes a whole number, not '$2'"; }

while [ $# -gt 0 ]; do
  case $1 in
    --pages | --size | --node) [ $# -ge 2 ] || usage "$1 needs a value" ;;&
    --pages) number "$1" "$2"; pages=$((10#$2)); [ "$pages" -gt 0 ] || usage "--pages 0 asks for nothing: use --undo"; shift ;;
    --size) size=$2; shift ;;
    --node) number "$1" "$2"; node=$((10#$2)); shift ;;
    --check | --undo) [ "$action" = reserve ] || usage "--check and --undo exclude each other"; action=${1#--} ;;
    --help | -h) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) usage "unknown argument '$1'" ;;
  esac
  shift
done
case $size in
  2M) kib=2048 ;;
  1G) kib=1048576 ;;
  *) usage "--size is 2M or 1G, not '$size'" ;;
esac
[ -n "$pages" ] || pages=$((1048576 / kib))

# The folder of the pages of size $2 (KiB) on node $1; a kernel without NUMA has one folder for the host.
pool() {
  if [ -d /sys/devices/system/node ]; then
    echo "/sys/devices/system/node/node$1/hugepages/hugepages-$2kB"
  else
    echo "/sys/kernel/mm/hugepages/hugepages-$2kB"
  fi
}

nodes() { # those with memory
  [ -d /sys/devices/system/node ] || { echo 0; return; }
  grep -lE 'MemTotal: +[1-9]' /sys/devices/system/node/node[0-9]*/meminfo | sed 's/.*node\([0-9]*\).*/\1/' | sort -n
}

# Memory of node $1 that pages could be made of, in KiB: what is free, and what the kernel drops when it is asked to. Where
# there is one node, the figure of the host is taken: some virtual machines leave plugged-in memory out of the node's.
available_kib() {
  if [ "$(nodes | wc -l)" = 1 ]; then
    awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo
  else
    awk '$3 ~ /^(MemFree|Active\(file\)|Inactive\(file\)|SReclaimable):$/ { sum += $4 } END { print sum }' \
      "/sys/devices/system/node/node$1/meminfo"
  fi
}

hugetlbfs_mounted() { # whether pages of $1 KiB have a mount
  local pagesize=$(($1 / 1024))M
  [ "$1" = 1048576 ] && pagesize=1024M
  grep -Eq "^[^ ]+ [^ ]+ hugetlbfs [^ ]*pagesize=($pagesize|$(($1 / 1048576))G)([, ]|\$)" /proc/mounts
}

count() { cat "$(pool "$1" "$2")/$3"; }

give() { # asks the kernel for $3 pages of $2 KiB on node $1; prints how many there are then
  local file
  file=$(pool "$1" "$2")/nr_hugepages
  echo "$3" 2>/dev/null >"$file" || fail "cannot write $file: in a container, run this on the host"
  if [ "$(<"$file")" -lt "$3" ] && [ -w /proc/sys/vm/compact_memory ]; then
    echo 1 >/proc/sys/vm/compact_memory
    echo "$3" >"$file"
  fi
  cat "$file"
}

check() {
  local n total free short=0
  for n in $selected; do
    total=$(count "$n" "$kib" nr_hugepages) free=$(count "$n" "$kib" free_hugepages)
    echo "node $n: $total pages of $size, $free of them free"
    [ "$total" -ge "$pages" ] || { short=1; echo "node $n: $((pages - total)) pages short of $pages: run as root: $0 --pages $pages --size $size --node $n" >&2; }
  done
  return "$short"
}

reserve() {
  local n before wanted there saved
  for n in $selected; do
    saved=$state/node$n-$kib
    before=$(count "$n" "$kib" nr_hugepages)
    [ -e "$saved" ] || echo "$before" >"$saved"
    wanted=$(<"$saved") # what was there before is never lowered: it is somebody else's
    [ "$wanted" -ge "$pages" ] || wanted=$pages
    if [ "$before" -eq "$wanted" ]; then
      echo "node $n: $before pages of $size were there already, $(count "$n" "$kib" free_hugepages) of them free"
      forget "$saved" "$before"
      continue
    fi
    if [ $(((wanted - before) * kib)) -gt "$(available_kib "$n")" ]; then
      forget "$saved" "$before"
      fail "node $n: $wanted pages of $size need $(((wanted - before) * kib / 1024)) MiB more, and the node has $(($(available_kib "$n") / 1024)) MiB available: ask for fewer"
    fi
    there=$(give "$n" "$kib" "$wanted")
    if [ "$there" -lt "$wanted" ]; then
      give "$n" "$kib" "$before" >/dev/null
      forget "$saved" "$before"
      fail "node $n: the kernel gave $there of $wanted pages of $size, so none were kept: $(($(available_kib "$n") / 1024)) MiB are available there but too fragmented: ask for fewer, or reserve them at boot (kernel parameters hugepagesz=$size hugepages=$wanted)"
    fi
    echo "node $n: $there pages of $size, before $before ($((there * kib / 1024)) MiB reserved)"
  done
}

forget() { # drops the record $1 when nothing has been changed since ($2 pages are there and were there before)
  if [ "$(<"$1")" -eq "$2" ]; then rm -f "$1"; fi
}

# DPDK with --in-memory takes its pages without a mount: this one serves other programs on the host.
mount_hugetlbfs() {
  hugetlbfs_mounted "$kib" && return
  mkdir -p "$state/mount-$size"
  if mount -t hugetlbfs -o "pagesize=$size,mode=0770" nodev "$state/mount-$size" 2>/dev/null; then
    echo "mounted hugetlbfs of $size at $state/mount-$size"
  else
    rmdir "$state/mount-$size"
    echo "hugepages-setup: no hugetlbfs could be mounted; the data plane does not need it" >&2
  fi
}

undo() {
  local mount saved n kib before there found=0
  for mount in "$state"/mount-*; do
    [ -d "$mount" ] || continue
    found=1
    if mountpoint -q "$mount"; then umount "$mount" || fail "$mount is in use: end the program that uses it (fuser -m $mount), then run --undo again"; fi
    rmdir "$mount"
    echo "unmounted $mount"
  done
  for saved in "$state"/node*-*; do
    [ -e "$saved" ] || continue
    found=1
    n=${saved##*/node} kib=${saved##*-}
    n=${n%-*} before=$(<"$saved")
    there=$(give "$n" "$kib" "$before")
    rm -f "$saved"
    echo "node $n: back to $before pages of $kib KiB"
    [ "$there" -le "$before" ] || echo "hugepages-setup: node $n: $((there - before)) pages are in use by a program: the kernel frees them when it ends" >&2
  done
  [ "$found" = 1 ] || echo "nothing to undo: $state records no change"
}

selected=${node:-$(nodes)}
for n in $selected; do
  [ -d "$(dirname "$(dirname "$(pool "$n" "$kib")")")" ] || fail "there is no NUMA node $n: the host has $(nodes | xargs)"
  [ -d "$(pool "$n" "$kib")" ] || fail "this CPU or kernel has no hugepages of $size"
done
if [ "$action" = check ]; then
  check
  exit
fi
[ "$(id -u)" = 0 ] || fail "changing hugepages needs root: run it with sudo"
if [ "$action" = undo ] && [ ! -d "$state" ]; then
  undo
  exit
fi
mkdir -p "$state"
exec 9<"$state"
flock 9
trap 'rmdir --ignore-fail-on-non-empty "$state"' EXIT
if [ "$action" = undo ]; then
  undo
else
  reserve
  mount_hugetlbfs
fi
