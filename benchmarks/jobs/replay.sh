# shellcheck shell=bash disable=SC2034,SC2154
# Replays frames of 64 bytes as fast as possible on a veth pair.
against=tcpreplay run_seconds=5 ratio_of=mpps worst='lost_packets'

ours() {
  prepare
  send_all run "$scripts/shadowplane" replay run --file "$traffic" --device "net_af_packet,iface=$veth_out" --topspeed \
    --loop "$loops" --format json
  figures=$(jq -c --argjson received "$received" '{mpps: (.counters.sent * 1e3 / .["duration-ns"]),
    lost_packets: (.counters.sent - $received)}' "$run_work/sent.log")
}

peer() {
  prepare
  send_all taskset -c "$poll_core" tcpreplay --intf1 "$veth_out" --topspeed --preload-pcap --loop "$loops" "$traffic"
  figures=$(jq -nc --argjson received "$received" --argjson rate "$(sed -n 's/^Rated:.* \([0-9.]*\) pps$/\1/p' "$run_work/sent.log")" \
    --argjson sent "$(sed -n 's/^Actual: \([0-9]*\) packets.*/\1/p' "$run_work/sent.log")" \
    '{mpps: ($rate / 1e6), lost_packets: ($sent - $received)}')
}

prepare() {
  make_veth
  traffic 500000 1000000 64
  loops=$((run_seconds * 2))
}

send_all() { # $@: what sends; sets $received
  local before
  before=$(rx_packets)
  "$@" >"$run_work/sent.log" 2>"$run_work/sent.err" || { tail -n 5 "$run_work/sent.err"; fail "replaying has failed: see above"; }
  received=$(($(rx_packets) - before))
}
