# shellcheck shell=bash disable=SC2034,SC2154
# Frames of 64 bytes to disk, as many as go without a loss: of 1,024 flows at full rate, so many sixty-fourths are captured.
against=dpdk-dumpcap run_seconds=2 ratio_of=mframes
frame_bytes=64

ours() { # the journal, whose rule is about the first of the flows
  capture 1024 "$frame_bytes"
  start_dataplane "records: false
journal: { directory: $run_work/journal }"
  start_control
  highest_lossless journaled
}

journaled() { # $1 sixty-fourths of the flows
  {
    echo 'rules:'
    echo '  - name: captured'
    echo '    targets: [journal]'
    echo "    match: { source: [$(for ((i = 0; i < $1; i++)); do printf '%s10.0.%d.%d/28' "${comma-}" $((i / 16)) $((i % 16 * 16)); comma=,; done)], direction: forward }"
  } >"$run_work/rules.yaml"
  run "$scripts/shadowplane" rule apply --file "$run_work/rules.yaml" --control-config "$run_work/control.yaml"
  run "$scripts/shadowplane" benchmark "$(program Probe)" --directory "$run_directory" \
    --skip-seconds 1 --seconds "$run_seconds" >"$run_work/counters.json" || fail "the data plane could not be measured: see above"
  figures_from_counters '{
    mframes: mpps("journal.frames"),
    offered_mpps: mpps("port.source.rx-packets"),
    lost: grown_of("^rule[.]captured[.]shed[.]")
  }'
}

# testpmd between the same devices, whose received frames dpdk-dumpcap copies out of the loop and writes.
peer() {
  capture 1024 "$frame_bytes"
  prefix=shadowplane-benchmark-$$
  start "$run_work/testpmd.log" dpdk-testpmd --file-prefix "$prefix" --no-pci --no-telemetry -l "$main_core,$poll_core" \
    --main-lcore "$main_core" --vdev "net_pcap0,rx_pcap=$capture,infinite_rx=1" --vdev net_null0,no-rx=1 -- \
    --forward-mode=io --burst=32 --nb-cores=1 --total-num-mbufs=65535 --stats-period 1
  wait_until 60 testpmd_counted "$started" || fail "testpmd does not forward"
  highest_lossless dumped
}

dumped() { # $1 sixty-fourths of the flows
  local seconds=$((run_seconds + 1))
  rm -f "$run_work/dumped.pcap"
  run dpdk-dumpcap --file-prefix "$prefix" -i 0 -P -s 2000 -f "ip[14:2] < $(($1 * 16))" -a "duration:$seconds" -w "$run_work/dumped.pcap" \
    >"$run_work/dumpcap.log" 2>&1 || { tail "$run_work/dumpcap.log"; fail "dpdk-dumpcap has failed; its last lines are above"; }
  # Packets received/dropped on interface 'net_pcap0': 1234/0 (100.0)
  figures=$(sed -nE "s#^Packets received/dropped on interface .*: ([0-9]+)/([0-9]+).*#\1 \2#p" "$run_work/dumpcap.log" |
    jq -cR --argjson seconds "$seconds" 'split(" ") | map(tonumber) | {mframes: (.[0] / $seconds / 1e6), lost: .[1]}')
  [ -n "$figures" ] || { tail "$run_work/dumpcap.log"; fail "dpdk-dumpcap says nothing; its last lines are above"; }
}

# The most sixty-fourths that function $1 captures without a loss, found by halving; its figures in $figures. When one is too
# much, a loss in the figures says so.
highest_lossless() {
  local low=0 high=65 middle best=''
  while [ $((high - low)) -gt 1 ]; do
    middle=$(((low + high) / 2))
    "$1" "$middle"
    if [ "$(jq .lost <<<"$figures")" = 0 ]; then low=$middle best=$figures; else high=$middle; fi
    say "  $middle/64: $(shown_run "$figures")"
  done
  figures=${best:-$figures}
}
