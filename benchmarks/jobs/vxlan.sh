# shellcheck shell=bash disable=SC2034,SC2154
# Forwards frames of 1,500 bytes and mirrors each to a collector by VXLAN; against the same mirrored to a local port. Both
# sides are ours: what the encapsulation costs.
against=mirror-to-port run_seconds=5 ratio_of=mpps worst='shed_packets peer_shed_packets'

ours() {
  mirror_long_frames collector:far 'collectors:
  - { name: far, port: shadow, encapsulation: vxlan, vni: 7, source: 192.0.2.1, destination: 192.0.2.2, next-hop-mac: "02:00:00:00:00:02" }'
}

peer() { mirror_long_frames port:shadow ''; }

mirror_long_frames() { # $1: the rule's target; $2: more configuration
  capture 1024 1500
  start_dataplane "records: false
$2
rules: [{ name: all, targets: [\"$1\"] }]"
  measure_counters
  figures_from_counters '{
    mpps: mpps("port.source.rx-packets"),
    mirrored_mpps: mpps("rule.all.mirrored.'"$1"'"),
    shed_packets: grown_of("^(rule|port)[.].*[.]shed[.]")
  }'
  jq -e '.shed_packets == 0' >/dev/null <<<"$figures" || warn "something was shed: the ratio does not count"
}
