#!/usr/bin/env bash
# Tests the product on real SR-IOV virtual functions, without the hardware: boots a Debian 12 in QEMU, whose emulated 82576
# NICs have virtual functions behind an emulated IOMMU, and does there what the README's "Run it on SR-IOV virtual
# functions" says, from the very lines of it. Frames sent into the guest's wires are compared, byte by byte, with what comes out.
#   scripts/sriov-test.sh [--cache FOLDER]
# As root, with the network. QEMU, a kernel and the guest's Debian are unpacked from Debian packages, not installed, into a
# folder that is kept for the next run (400 MB); nothing else is left behind.
# --cache FOLDER  that folder (default: SHADOWPLANE_SRIOV_CACHE, or shadowplane-sriov in XDG_CACHE_HOME or /var/cache); what
#                 is in it is replaced
# Takes about ten minutes: no processor is emulated fast. Exit status: 0 all passed, 1 not, 2 wrong usage.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
scripts=$(dirname "$(readlink -f "$0")")
for part in messages packages undo processes build; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
for part in machine guest_control checks; do
  # shellcheck source=/dev/null
  . "$scripts/sriov/$part.sh"
done

cache=${SHADOWPLANE_SRIOV_CACHE:-${XDG_CACHE_HOME:-/var/cache}/shadowplane-sriov}
while [ $# -gt 0 ]; do
  case $1 in
    --cache) [ $# -ge 2 ] || usage "$1 needs a value"; cache=$2; shift ;;
    --help | -h) help_of "$0"; exit 0 ;;
    *) usage "unknown argument '$1'" ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || usage "the image of a guest takes root: run it with sudo"
cache=$(realpath -m -- "$cache")
if [ -n "$(ls -A "$cache" 2>/dev/null)" ] && [ ! -e "$cache/recipe" ]; then usage "--cache: $cache is in use for something else"; fi

undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
packages_install sriov
build_if_stale
work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-sriov.XXXXXX")
undo_later rm -rf "$work"
make_machine

iommu=(-device "intel-iommu,intremap=on,caching-mode=on,aw-bits=48")
seed=${SHADOWPLANE_SEED:-$RANDOM}
say "frames of seed $seed (SHADOWPLANE_SEED=$seed repeats them)"
say "booting a guest with three NICs and an IOMMU"
guest_boot "${iommu[@]}"
set_up_as_in_readme
check_refusals
check_forwarding
check_links
check_kill_and_restart
check_journal
guest_halt
say "booting a guest without an IOMMU"
guest_boot
check_without_iommu
guest_halt
print_outcome
