# shellcheck shell=bash disable=SC2034,SC2154
# Frames of 64 bytes to disk, as many as go without a loss: of 1,024 flows at full rate, so many sixty-fourths are captured.
run_seconds=2
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
