# shellcheck shell=bash disable=SC2034,SC2154
# Forwards, mirrors every frame to a port, and control keeps flows from a record of every packet.
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() {
  capture 1024 64
  start_dataplane 'records: true
rules: [{ name: all, targets: ["port:shadow"] }]'
  start_control
  measure_counters
  figures_from_counters '{
    mpps: mpps("port.source.rx-packets"),
    mirrored_mpps: mpps("rule.all.mirrored.port:shadow"),
    records_mpps: mpps("records.0.taken"),
    shed_packets: grown_of("^(rule|port)[.].*[.]shed[.]"),
    shed_records: grown("records.0.shed")
  }'
  jq -e '.shed_packets + .shed_records == 0' >/dev/null <<<"$figures" || warn "something was shed: the ratio does not count"
}

peer() { testpmd_io; }
