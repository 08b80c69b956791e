# shellcheck shell=bash disable=SC2034,SC2154
# Bytes that the worker and the journal agent allocate, with mirror, journal and records at full rate.
run_seconds=5 worst='worker_bytes worker_bytes_per_packet journal_bytes journal_bytes_per_packet'

ours() {
  capture 1024 64
  start_dataplane "records: true
journal: { directory: $run_work/journal }
rules: [{ name: all, targets: [\"port:shadow\", journal] }]"
  start_control
  measure_counters
  figures_from_counters '{
    worker_bytes: grown("worker.0.allocated-bytes"),
    worker_bytes_per_packet: (grown("worker.0.allocated-bytes") / grown("port.source.rx-packets")),
    journal_bytes: grown("journal.allocated-bytes"),
    journal_bytes_per_packet: (grown("journal.allocated-bytes") / grown("journal.frames")),
    mpps: mpps("port.source.rx-packets"),
    journaled_mpps: mpps("journal.frames"),
    records_mpps: mpps("records.0.taken")
  }'
}
