# shellcheck shell=bash disable=SC2154
# Sourced by quickstart.sh: a run between network namespaces, with traffic of real programs for $seconds.
lab_over_veth() {
  borrow_hugepages 192 "$lab_work/hugepages"
  lab_network
  lab_shop_names
  lab_shop_network
  lab_config auto "net_af_packet,iface=$lab_port_client" "net_af_packet,iface=$lab_port_server" \
    "net_af_packet,iface=$lab_port_shadow" \
    'protocol: tcp, destination: [198.18.0.0/16, "fd00:5ad0::/64"], destination-ports: "80", direction: either' \
    "  - { name: visitors, device: \"net_af_packet,iface=$lab_port_visitors\" }
  - { name: servers, device: \"net_af_packet,iface=$lab_port_servers\" }
  - { name: shadow, device: \"net_af_packet,iface=$lab_port_shop_shadow\", shadow: true }" ', [visitors, servers]'
  lab_shop_config
  start_planes
  lab_shop_start
  lab_servers 262144 16384
  lab_shadow_capture
  lab_clients
  lab_shop_visits
  say "client, server and shadow are connected, and the shop with its shadow; traffic runs for $seconds s"
  watch_traffic "$seconds"
  lab_stop_clients
  settle
  lab_stop_shadow_capture
  "$scripts/shadowplane" flows --format json >"$lab_work/flows.json" || fail "control does not list the flows: see above"
  lab_shop_stop
  stop_control
  stop_provisioner
  counters >"$lab_work/stat.json"
  stop_dataplane
  jq -n --slurpfile traffic "$lab_work/traffic.json" --argjson received "${lab_shadow_received:-0}" \
    --slurpfile shop "$lab_work/shop.json" '{shadow_received_packets: $received, traffic: $traffic[0], shop: $shop[0]}' >"$lab_work/checks.json"
}
