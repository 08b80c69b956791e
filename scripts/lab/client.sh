#!/usr/bin/env bash
# One client of the lab, run in its namespace; goes on until the file FOLDER/stop exists, then writes what came of it to
# FOLDER/client-NAME.json. Each failed transfer leaves a line on stdout.
#   client.sh fetch NAME FOLDER URL REFERENCE    curl again and again; each body is compared with the file REFERENCE
#   client.sh udp NAME FOLDER ADDRESS            iperf3, a second of 3 Mbit/s at a time
set -euo pipefail
kind=$1 name=$2 stop=$3/stop outcome=$3/client-$2.json
ok=0 bad=0 packets=0 lost=0
case $kind in
  fetch)
    until [ -e "$stop" ]; do
      if curl --noproxy '*' -sSf --max-time 5 "$4" | cmp -s - "$5"; then ok=$((ok + 1)); else bad=$((bad + 1)); fi
      sleep 0.1
    done
    jq -n --arg name "$name" --argjson ok "$ok" --argjson bad "$bad" '{name: $name, ok: $ok, bad: $bad}' >"$outcome"
    ;;
  udp)
    until [ -e "$stop" ]; do
      run=$(iperf3 -c "$4" --connect-timeout 3000 -u -b 3M -l 500 -t 1 --json || true)
      if sums=$(jq -er '.end.sum | select(.packets) | "\(.packets) \(.lost_packets)"' <<<"$run"); then
        ok=$((ok + 1)) packets=$((packets + ${sums% *})) lost=$((lost + ${sums#* }))
      else
        bad=$((bad + 1))
        jq -r '.error // "no error named"' <<<"$run"
        sleep 0.1
      fi
    done
    jq -n --arg name "$name" --argjson ok "$ok" --argjson bad "$bad" --argjson packets "$packets" --argjson lost "$lost" \
      '{name: $name, ok: $ok, bad: $bad, packets: $packets, lost: $lost}' >"$outcome"
    ;;
esac
