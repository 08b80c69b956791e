# shellcheck shell=bash disable=SC2034,SC2154
# Forwards 64-byte frames, with no rule, record, journal or parse.
against=testpmd-io run_seconds=5 ratio_of=mpps

ours() {
  capture 1024 64
  start_dataplane 'records: false'
  measure_counters
  figures_from_counters '{mpps: mpps("port.source.rx-packets")}'
}

peer() { testpmd_io; }
