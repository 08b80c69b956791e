#!/usr/bin/env bash
# Tries the product out on this host, from nothing to a capture of mirrored traffic, and leaves the host as it was.
#   scripts/quickstart.sh [--seconds N] [--report FILE] [--pcap FILE]
# As root: installs the Debian packages that are missing (they stay installed), borrows hugepages, builds, and makes three
# network namespaces, client, server and shadow, whose only connection is the data plane. Web, UDP and VLAN traffic of real
# programs then runs through it; TCP port 80 is mirrored to the shadow network and to the journal, and exported at the end.
# Not as root, or with --pcap: the same over a capture file, with no namespace and no hugepages.
# --seconds N    the length of the traffic (default 30); Ctrl-C ends it earlier, a second Ctrl-C skips the rest
# --report FILE  writes the outcome as JSON; the pcapng is written beside it
# --pcap FILE    the capture file to run through the data plane (default: scripts/lab/sample.pcap)
# Exit status: 0 everything arrived, 1 something did not, 2 wrong usage.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
scripts=$(dirname "$(readlink -f "$0")")
for part in messages packages cpus undo processes build hugepages; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
for part in network traffic config planes shop outcome over_veth over_pcap; do
  # shellcheck source=/dev/null
  . "$scripts/lab/$part.sh"
done

seconds=30 report='' pcap=''
while [ $# -gt 0 ]; do
  case $1 in
    --seconds | --report | --pcap) [ $# -ge 2 ] || usage "$1 needs a value" ;;&
    --seconds) [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || usage "--seconds takes a whole number from 1 to 999999, not '$2'"; seconds=$2; shift ;;
    --report) report=$2; shift ;;
    --pcap) pcap=$2; shift ;;
    --help | -h) help_of "$0"; exit 0 ;;
    *) usage "unknown argument '$1'" ;;
  esac
  shift
done
lab_mode=veth
if [ -n "$pcap" ] || [ "$(id -u)" != 0 ]; then
  lab_mode=pcap
  pcap=$(realpath -- "${pcap:-$scripts/lab/sample.pcap}")
  if [ ! -f "$pcap" ] || [ ! -r "$pcap" ]; then usage "--pcap: cannot read $pcap"; fi
  [[ $pcap != *,* ]] || usage "--pcap: $pcap has a comma in its name, which DPDK takes for the end of it: rename it"
fi
if [ -n "$report" ]; then
  report=$(realpath -m -- "$report")
  if [ -d "$report" ] || [ ! -w "$(dirname "$report")" ]; then usage "--report: cannot write $report"; fi
fi

undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
packages_install run lab
build_if_stale
lab_names
lab_work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-lab.XXXXXX")
undo_later rm -rf "$lab_work"
if [ -n "$report" ]; then lab_pcapng=${report%.json}.pcapng; else lab_pcapng=${TMPDIR:-/tmp}/shadowplane-$lab_id.pcapng; fi
lab_shared=$(mktemp -d "$(if [ "$lab_mode" = veth ]; then echo /run; else echo "${XDG_RUNTIME_DIR:-/dev/shm}"; fi)/shadowplane-lab.XXXXXX")
undo_later rm -rf "$lab_shared"

"lab_over_$lab_mode"

rm -f "$lab_pcapng"
"$scripts/shadowplane" journal export --journal "$lab_work/journal" --output "$lab_pcapng" --format json >"$lab_work/export.json" ||
  fail "the export of the journal failed: see above"
write_report "$lab_work/report.json"
print_summary "$lab_work/report.json"
if [ -n "$report" ]; then cp "$lab_work/report.json" "$report"; fi
problems "$lab_work/report.json" >"$lab_work/problems"
if [ -s "$lab_work/problems" ]; then
  while read -r line; do echo "shadowplane: $line" >&2; done <"$lab_work/problems"
  exit 1
fi
say "done; open $lab_pcapng in Wireshark"
