# shellcheck shell=bash disable=SC2154
# Sourced by quickstart.sh: a run over the capture file $pcap, with no privilege. Ends when all of it was forwarded.
lab_over_pcap() {
  local frames
  frames=$(capture_frames "$pcap") || frames=0
  [ "${frames:-0}" -gt 0 ] || usage "--pcap: $pcap is no capture file that tcpdump can read, or holds no frame"
  lab_config none "net_pcap,rx_pcap=$pcap,tx_pcap=$lab_work/client-out.pcap" \
    "net_pcap,tx_pcap=$lab_work/server-out.pcap" "net_pcap,tx_pcap=$lab_work/shadow-out.pcap" "direction: either"
  start_planes
  say "running $frames frames of $pcap through the data plane"
  wait_until "$seconds" forwarded_at_least "$frames" || warn "not all of $pcap was forwarded in $seconds s"
  settle
  # The file is through before control has attached: its flows come from the file, by the same code.
  "$scripts/shadowplane" flows --pcap "$pcap" --format json >"$lab_work/flows.json" || fail "the flows of $pcap cannot be read: see above"
  stop_control
  counters >"$lab_work/stat.json"
  stop_dataplane
  local equal=false
  if cmp -s <(capture_bytes "$pcap") <(capture_bytes "$lab_work/server-out.pcap"); then equal=true; fi
  jq -n --argjson equal "$equal" --argjson received "$(capture_frames "$lab_work/shadow-out.pcap")" \
    '{shadow_received_packets: $received, outgoing_equal: $equal}' >"$lab_work/checks.json"
}

capture_frames() { tcpdump -n --count -r "$1" 2>/dev/null | awk '{ print $1 }'; }
capture_bytes() { tcpdump -n -t -xx -r "$1" 2>/dev/null; }
forwarded_at_least() {
  planes_alive
  [ "$(live | jq .forwarded)" -ge "$1" ]
}
