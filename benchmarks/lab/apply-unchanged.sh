#!/usr/bin/env bash
# A template of 1,000 VMs is applied again to a warm control whose external driver has acknowledged everything. Prints the median in ms.
#   benchmarks/lab/apply-unchanged.sh [VMS]
# Exit status: 0 measured, 1 not.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
lab=$(dirname "$(readlink -f "$0")")
scripts=$lab/../../scripts
for part in messages packages cpus undo processes build; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
vms=${1:-1000}
[[ $vms =~ ^[1-9][0-9]{0,3}$ ]] || usage "'$vms' is no number of VMs: try 1000"

exec 3>&1 1>&2 # what scripts say is progress; the figure goes to 3
undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
build_if_stale control benchmarks
work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-apply.XXXXXX")
undo_later rm -rf "$work"
run "$scripts/shadowplane" benchmark dev.shadowplane.benchmarks.ApplyUnchanged "$work" "$vms" >&3
