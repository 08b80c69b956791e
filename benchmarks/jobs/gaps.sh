# shellcheck shell=bash disable=SC2034,SC2154
# How often and how long the worker is away from its queues while control is busy, beside a polling loop in C.
against=oslat run_seconds=60 worst='gaps_over_1ms longest_gap_ns longest_safepoint_ns'

ours() {
  capture 1024 64
  SHADOWPLANE_JVM_FLAGS="-Xlog:safepoint:file=$run_work/safepoints.log:uptime:filecount=0" start_dataplane 'records: true
rules: [{ name: all, targets: ["port:shadow"] }]'
  start_busy_control
  local before
  sleep "$settle_seconds"
  before=$(wc -l <"$run_work/safepoints.log")
  measure_counters
  figures_from_counters '{gaps_over_1ms: grown("worker.0.gaps-over-1ms"), longest_gap_ns: .after["worker.0.longest-gap-ns"]}'
  figures=$(tail -n "+$((before + 1))" "$run_work/safepoints.log" | sed -n 's/.*Total: *\([0-9]*\) ns.*/\1/p' |
    jq -cs --argjson figures "$figures" '$figures + {longest_safepoint_ns: (max // 0), safepoints: length}')
}

# In buckets of 1 us, the last of which takes every longer one.
peer() {
  start_busy_control
  sleep "$settle_seconds"
  start "$run_work/oslat.log" oslat --cpu-list "$poll_core" --cpu-main-thread "$main_core" --duration "$run_seconds" \
    --bucket-size 1001 --quiet --json="$run_work/oslat.json"
  wait_until $((run_seconds + 30)) none_runs "$started" || fail "oslat does not end"
  [ -s "$run_work/oslat.json" ] || { tail -n 20 "$run_work/oslat.log"; fail "oslat has measured nothing; its last lines are above"; }
  figures=$(jq -c '[.thread[]][0] | {gaps_over_1ms: (.histogram["1001"] // 0), longest_gap_ns: (.max * 1000)}' "$run_work/oslat.json")
}
