#!/usr/bin/env bash
# Records scripts/lab/sample.pcap anew: one transfer of each kind of the lab's traffic, between two namespaces joined by a
# cable. Root only.
#   scripts/lab/record-sample.sh
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
scripts=$(dirname "$(dirname "$(readlink -f "$0")")")
for part in lib/messages lib/packages lib/cpus lib/undo lib/processes lab/network lab/traffic; do
  # shellcheck source=/dev/null
  . "$scripts/$part.sh"
done
[ $# -eq 0 ] || { help_of "$0"; exit 2; }
[ "$(id -u)" = 0 ] || fail "recording needs root: run it with sudo"
undo_at_exit
packages_install lab
lab_names
lab_work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-lab.XXXXXX")
undo_later rm -rf "$lab_work"

add_namespace "$lab_client" ''
add_namespace "$lab_server" ''
ip link add eth0 netns "$lab_client" type veth peer name eth0 netns "$lab_server"
set_up_host "$lab_client" 1
set_up_host "$lab_server" 2
start "$lab_work/tcpdump.log" in_namespace "$lab_client" tcpdump -Z root -n -i eth0 -s 0 --immediate-mode -U -w "$lab_work/sample.pcap"
recorder=$started
wait_until 10 grep -q 'listening on' "$lab_work/tcpdump.log"
lab_servers 16384 4096
for ((i = 0; i < ${#lab_urls[@]}; i += 2)); do
  wait_until 10 answers "${lab_urls[i + 1]}" || fail "no answer from ${lab_urls[i + 1]}"
done
(in_namespace "$lab_client" iperf3 -c 198.18.0.2 -u -b 1M -l 500 -k 20) >/dev/null
stop_children "$recorder"
cp "$lab_work/sample.pcap" "$scripts/lab/sample.pcap"
say "recorded $(stat -c %s "$scripts/lab/sample.pcap") bytes"
