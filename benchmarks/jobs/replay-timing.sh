# shellcheck shell=bash disable=SC2034,SC2154
# How far times of received frames differ from those of a capture, at 100,000 packets a second on a veth pair.
against=tcpreplay run_seconds=10 ratio_of=p99_ns worst='lost_packets'

ours() {
  prepare
  receive_times run "$scripts/shadowplane" replay run --file "$traffic" --device "net_af_packet,iface=$veth_out" --format json
  jq -s '.[0] as $seen | .[1] | $seen + {own_p50_ns: .counters["error-p50-ns"], own_p99_ns: .counters["error-p99-ns"]}' \
    "$run_work/times.json" "$run_work/sent.log" >"$run_work/figures.json"
  figures=$(jq -c . "$run_work/figures.json")
}

peer() {
  prepare
  receive_times taskset -c "$poll_core" tcpreplay --intf1 "$veth_out" "$traffic"
  figures=$(<"$run_work/times.json")
}

prepare() {
  make_veth
  traffic $((run_seconds * 100000)) 100000
}

receive_times() { # $@: what sends
  start "$run_work/tcpdump.log" taskset -c "$main_core" tcpdump --interface "$veth_in" --direction in --time-stamp-precision nano \
    --time-stamp-type host --buffer-size 262144 --snapshot-length 64 --immediate-mode -w "$run_work/received.pcap"
  local receiver=$started
  wait_until 10 grep -q "listening on" "$run_work/tcpdump.log" || fail "tcpdump does not listen"
  "$@" >"$run_work/sent.log" 2>"$run_work/sent.err" || { tail -n 5 "$run_work/sent.err"; fail "replaying has failed: see above"; }
  sleep 1 # what is still in the buffer of the receiver
  signal_children INT "$receiver"
  wait_until 20 none_runs "$receiver" || true
  run "$scripts/shadowplane" benchmark "$(program CompareTimes)" --sent "$traffic" --received "$run_work/received.pcap" \
    --frames $((run_seconds * 100000)) >"$run_work/times.json"
}
