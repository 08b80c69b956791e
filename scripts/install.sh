#!/usr/bin/env bash
# Installs the Debian packages that are missing for one or more jobs; needs root only when some are missing.
#   scripts/install.sh [--list] [SET...]
# run        the data plane and control: DPDK's libraries and its virtual devices (the default)
# nic        DPDK's drivers for the usual virtual functions, and dpdk-devbind.py
# lab        what scripts/quickstart.sh needs besides
# test       all of the above but nic, and tshark
# sriov      what scripts/sriov-test.sh needs to make its virtual machine
# benchmark  the peers to compare with
# --list prints what is missing, one package a line, and changes nothing.
set -euo pipefail
scripts=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/lib/messages.sh
. "$scripts/lib/messages.sh"
# shellcheck source=scripts/lib/packages.sh
. "$scripts/lib/packages.sh"

list=0 sets=()
for argument; do
  case $argument in
    --list) list=1 ;;
    --help | -h) help_of "$0"; exit 0 ;;
    -*) usage "unknown option '$argument'" ;;
    *) packages_of "$argument" >/dev/null; sets+=("$argument") ;;
  esac
done
[ "${#sets[@]}" -gt 0 ] || sets=(run)
if [ "$list" = 1 ]; then
  packages_missing "${sets[@]}"
else
  packages_install "${sets[@]}"
  say "everything for ${sets[*]} is installed"
fi
