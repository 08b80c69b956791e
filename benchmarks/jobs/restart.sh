# shellcheck shell=bash disable=SC2034,SC2154
# From SIGKILL of a supervised data plane to the first packet that its successor forwards and a rule matches.
run_seconds=2 worst=restart_ms

ours() {
  capture 1024 64
  start_dataplane 'records: false
rules: [{ name: all, targets: [port:shadow] }]' supervise
  sleep "$settle_seconds"
  run "$scripts/shadowplane" benchmark "$(program Restart)" --directory "$run_directory" --rule all >"$run_work/restart.json" ||
    fail "the data plane did not come back: see above"
  figures=$(<"$run_work/restart.json")
}
