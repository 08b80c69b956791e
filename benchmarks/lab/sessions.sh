#!/usr/bin/env bash
# 1,000 HTTP requests over 8 kept connections cross a data plane, which journals them; the feed drives the same sessions against a
# shadow server that answers 20 otherwise. Prints how many of those 20 are listed, less what is listed beside them: 20 is right.
#   benchmarks/lab/sessions.sh [REQUESTS]
# Exit status: 0 measured, 1 not.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
lab=$(dirname "$(readlink -f "$0")")
scripts=$lab/../../scripts
for part in messages packages cpus undo processes build hugepages; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
for part in network config planes; do
  # shellcheck source=/dev/null
  . "$scripts/lab/$part.sh"
done
requests=${1:-1000} different=20 connections=8
[[ $requests =~ ^[1-9][0-9]{2,5}$ ]] || usage "REQUESTS is '$requests': give a number from 100 to 999999"
expected=$(seq 7 $((1000 / different)) $((requests - 1)) | wc -l)

exec 3>&1 1>&2 # what scripts say is progress; the figure goes to 3
undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
packages_install run
build_if_stale dataplane control
lab_work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-sessions.XXXXXX")
undo_later rm -rf "$lab_work"
lab_shared=$(mktemp -d /dev/shm/shadowplane-sessions.XXXXXX)
undo_later rm -rf "$lab_shared"
export RUNTIME_DIRECTORY=$lab_shared # where EAL makes its folder
borrow_hugepages 192 "$lab_work/hugepages"

# Client and production's server meet in the data plane only; the shadow's server is in a third namespace, with the feed.
lab_names
add_namespace "$lab_client" "$lab_port_client"
add_namespace "$lab_server" "$lab_port_server"
add_namespace "$lab_shadow" ""
for host in "$lab_client 1" "$lab_server 2"; do
  read -r namespace number <<<"$host"
  (in_namespace "$namespace" ethtool -K eth0 tx off tso off gso off gro off >/dev/null)
  ip_in "$namespace" address add "198.18.0.$number/24" dev eth0
  ip_in "$namespace" link set eth0 up
done
# In the shadow both addresses are local: the feed connects from the client's to the server's.
ip_in "$lab_shadow" address add 198.18.0.1/32 dev lo
ip_in "$lab_shadow" address add 198.18.0.2/32 dev lo

cat >"$lab_work/dataplane.yaml" <<END
directory: $lab_shared
state: $lab_work/state
eal: { hugepages: auto, memory-mb: 256 }
mbufs: 32768
ports:
  - { name: client, device: "net_af_packet,iface=$lab_port_client" }
  - { name: server, device: "net_af_packet,iface=$lab_port_server" }
workers:
  - { core: $(worker_cpu), forward: [[client, server]] }
journal: { directory: $lab_work/journal }
rules:
  - { name: shadow-web, priority: 10, match: { protocol: tcp, destination-ports: "80", direction: either }, targets: [journal] }
END
cat >"$lab_work/feed.json" <<END
{"shadow": "lab", "journal": "$lab_work/journal", "services": [{"name": "web", "port": 80, "addresses": ["198.18.0.2"]}]}
END
mkdir "$lab_work/report"

start "$lab_work/dataplane.log" "$scripts/shadowplane" dataplane --config "$lab_work/dataplane.yaml"
wait_ready "$started" "$lab_work/dataplane.log" "shadowplane dataplane ready"
dataplane=$started
start "$lab_work/server.log" in_namespace "$lab_server" python3 "$lab/sessions/server.py" 80
wait_ready "$started" "$lab_work/server.log" ready
start "$lab_work/shadow.log" in_namespace "$lab_shadow" python3 "$lab/sessions/server.py" 80 "$different"
wait_ready "$started" "$lab_work/shadow.log" ready
start "$lab_work/feed.log" in_namespace "$lab_shadow" "$scripts/shadowplane" feed --config "$lab_work/feed.json" --report "$lab_work/report"
wait_ready "$started" "$lab_work/feed.log" "shadowplane feed ready"
feed=$started

(in_namespace "$lab_client" python3 "$lab/sessions/client.py" 198.18.0.2 80 "$requests" "$connections") ||
  fail "not every request was answered in production"
compared() { [ "$(jq '.requests.compared' "$lab_work/report/status.json" 2>/dev/null || echo 0)" -ge "$requests" ]; }
wait_until 60 compared || { cat "$lab_work/report/status.json"; tail -n 20 "$lab_work/feed.log"; fail "not every request was compared within a minute"; }
stop_children "$feed" "$dataplane"
jq -c '{sessions, requests, other_client_address, behind_ms}' "$lab_work/report/status.json"

listed() { jq -r '.request | split(" ")[1] | split("/")[2]' "$lab_work/report/differences.jsonl" | sort -n; }
wanted() { seq 7 $((1000 / different)) $((requests - 1)); }
right=$(comm -12 <(listed | sort) <(wanted | sort) | wc -l)
wrong=$(comm -23 <(listed | sort) <(wanted | sort) | wc -l)
say "$right of $expected that differ are listed, and $wrong others"
echo $((right - wrong)) >&3
