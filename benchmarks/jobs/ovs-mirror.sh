# shellcheck shell=bash disable=SC2034,SC2154
# Forwards and mirrors every frame to a port, without flow records; against Open vSwitch-DPDK doing the same.
against=ovs-mirror run_seconds=5 ratio_of=mpps worst='shed_packets peer_shed_packets'

ours() {
  capture 1024 64
  start_dataplane 'records: false
rules: [{ name: all, targets: ["port:shadow"] }]'
  measure_counters
  figures_from_counters '{
    mpps: mpps("port.source.rx-packets"),
    mirrored_mpps: mpps("rule.all.mirrored.port:shadow"),
    shed_packets: grown_of("^(rule|port)[.].*[.]shed[.]")
  }'
  jq -e '.shed_packets == 0' >/dev/null <<<"$figures" || warn "something was shed: the ratio does not count"
}

peer() { open_vswitch_mirror; }
