# shellcheck shell=bash disable=SC2154
# Sourced by quickstart.sh: a run between network namespaces, with traffic of real programs for $seconds.
lab_over_veth() {
  borrow_hugepages 192 "$lab_work/hugepages"
  lab_network
  lab_config auto "net_af_packet,iface=$lab_port_client" "net_af_packet,iface=$lab_port_server" \
    "net_af_packet,iface=$lab_port_shadow" 'protocol: tcp, destination-ports: "80", direction: either'
  start_planes
  lab_servers 262144 16384
  lab_shadow_capture
  lab_clients
  say "client, server and shadow are connected; traffic runs for $seconds s"
  watch_traffic "$seconds"
  lab_stop_clients
  settle
  lab_stop_shadow_capture
  "$scripts/shadowplane" flows --format json >"$lab_work/flows.json" || fail "control does not list the flows: see above"
  stop_control
  counters >"$lab_work/stat.json"
  stop_dataplane
  jq -n --slurpfile traffic "$lab_work/traffic.json" --argjson received "${lab_shadow_received:-0}" \
    '{shadow_received_packets: $received, traffic: $traffic[0]}' >"$lab_work/checks.json"
}
