# shellcheck shell=bash disable=SC2034,SC2154
# Forwards, and parses and hashes every frame for a rule that has no target.
against=testpmd-io run_seconds=5 ratio_of=mpps

ours() {
  capture 1024 64
  start_dataplane 'records: false
rules: [{ name: all, targets: [] }]'
  measure_counters
  figures_from_counters '{mpps: mpps("port.source.rx-packets")}'
}

peer() { testpmd_io; }
