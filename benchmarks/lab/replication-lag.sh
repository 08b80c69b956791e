#!/usr/bin/env bash
# A file is written and renamed 1,000 times a second for 20 s while `shadowplane replicate` follows. Prints the lag in ms that 99 of
# 100 changes do not exceed: the time that the kernel gave each file of the target when it was put in place, less the one that it
# gave the file of the source. Then every byte is compared.
#   benchmarks/lab/replication-lag.sh [CHANGES_PER_SECOND [SECONDS]]
# Exit status: 0 measured, 1 not.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
lab=$(dirname "$(readlink -f "$0")")
scripts=$lab/../../scripts
for part in messages packages cpus undo processes build; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
rate=${1:-1000} seconds=${2:-20}
[[ $rate =~ ^[1-9][0-9]{0,4}$ && $seconds =~ ^[1-9][0-9]{0,3}$ ]] || usage "'$*' are no CHANGES_PER_SECOND and SECONDS: try 1000 20"

exec 3>&1 1>&2 # what scripts say is progress; the figure goes to 3
undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
packages_install lab
build_if_stale control
work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-replication.XXXXXX")
undo_later rm -rf "$work"
mkdir "$work/from" "$work/report"

start "$work/replicate.log" "$scripts/shadowplane" replicate --from "$work/from" --to "$work/to" --report "$work/report"
replicator=$started
in_step() { grep -qs '"state":"in-step"' "$work/report/status.json"; }
wait_until 20 in_step || fail "the replication did not begin: see $(cat "$work/replicate.log")"
run python3 "$lab/replication_lag.py" write "$work/from" "$rate" "$seconds"
echo end >"$work/report/barrier"
reached() { grep -qs '"barrier":"end"' "$work/report/status.json"; }
wait_until 60 reached || fail "the replication did not catch up: $(cat "$work/report/status.json")"
say "its own account: $(grep -o '"\(changes\|resyncs\|overflows\|measured\|p..._ns\|p.._ns\|max_ns\)":[0-9]*' "$work/report/status.json" | xargs)"
kill "$replicator"
wait "$replicator" || fail "the replication did not end well: $(cat "$work/replicate.log")"
run python3 "$lab/replication_lag.py" compare "$work/from" "$work/to" >&3
