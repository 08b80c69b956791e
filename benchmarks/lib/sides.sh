# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by peers.sh: what the functions ours and peer of a job are made from. They run in the script's own shell and leave
# one flat JSON object of numbers in $figures; what they start ends after them. $run_work and $run_directory (on tmpfs) are
# theirs alone.
settle_seconds=3 # before a measurement begins

delete_link() { [ ! -e "/sys/class/net/$1" ] || ip link delete "$1"; }
program() { echo "dev.shadowplane.benchmarks.$1"; }

# Sets $capture: a file of UDP frames of $1 flows, at least 1,024, of $2 bytes (several sizes, separated by commas, take turns);
# made once.
capture() {
  capture=$work/udp-$1-${2//,/-}.pcap # a comma would end the device's argument
  [ -f "$capture" ] || run "$scripts/shadowplane" benchmark "$(program WriteCapture)" --file "$capture" --flows "$1" --frames 1024 --frame-bytes "$2"
}

# Buffers of both sides: as many as the capture's frames, which the source keeps, and 65,535; $1 of them, for $2 bytes each.
buffers() { mbufs=$1 mbuf_data_bytes=$2; }

# Starts the data plane between a source in memory and a sink, with a second sink to mirror to; $1: more configuration; $2:
# "supervise", if it is to be.
start_dataplane() {
  cat >"$run_work/dataplane.yaml" <<END
directory: $run_directory
state: $run_work/state
mbufs: $mbufs
mbuf-data-bytes: $mbuf_data_bytes
ports:
  - { name: source, device: "net_pcap,rx_pcap=$capture,infinite_rx=1" }
  - { name: sink, device: "net_null,no-rx=1" }
  - { name: shadow, device: "net_null,no-rx=1" }
workers: [{ core: $poll_core, forward: [[source, sink]] }]
$1
END
  start "$run_work/dataplane.log" "$scripts/shadowplane" ${2-} dataplane --config "$run_work/dataplane.yaml"
  dataplane=$started
  wait_ready "$dataplane" "$run_work/dataplane.log" "shadowplane dataplane ready"
}

# Control, which attaches by itself and keeps flows from the data plane's packet records.
start_control() {
  cat >"$run_work/control.yaml" <<END
directory: $run_directory
state: $run_work/state-control
listen: 127.0.0.1:$(free_tcp_port)
END
  start "$run_work/control.log" "$scripts/shadowplane" control --config "$run_work/control.yaml"
  wait_ready "$started" "$run_work/control.log" "shadowplane control ready"
}
free_tcp_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Control and, without pause, one after the other, programs that start, ask it for something, and end.
start_busy_control() {
  start_control
  start "$run_work/asking.log" ask_without_pause
}
ask_without_pause() {
  local child command
  trap 'kill "$child"; wait "$child"; exit' TERM
  while :; do
    for command in status ports flows; do
      "$scripts/shadowplane" "$command" --control-config "$run_work/control.yaml" &
      child=$!
      wait "$child" || true
    done
  done
}

# Reads the data plane's counters at the beginning and the end of the measured seconds into $run_work/counters.json.
measure_counters() {
  run "$scripts/shadowplane" benchmark "$(program Probe)" --directory "$run_directory" \
    --skip-seconds "$settle_seconds" --seconds "$run_seconds" >"$run_work/counters.json" ||
    { tail -n 20 "$run_work/dataplane.log"; fail "the data plane could not be measured: see above"; }
}

figures_from_counters() { # $1: a jq expression that makes the object of figures
  figures=$(jq -c '
    def grown($name): .after[$name] - (.before[$name] // 0);
    def grown_of($pattern): . as $all | [.after | keys[] | select(test($pattern)) as $name | $all | grown($name)] | add // 0;
    def mpps($name): grown($name) * 1e3 / .elapsed_ns;
    '"$1" "$run_work/counters.json")
}

# testpmd in io mode between the same devices, with as many mbufs of the same size: its rate in $figures, as it counts itself
# each second.
testpmd_io() {
  start "$run_work/testpmd.log" dpdk-testpmd --in-memory --no-pci --no-telemetry -l "$main_core,$poll_core" --main-lcore "$main_core" \
    --vdev "net_pcap0,rx_pcap=$capture,infinite_rx=1" --vdev net_null0,no-rx=1 -- \
    --forward-mode=io --burst=32 --nb-cores=1 --total-num-mbufs="$mbufs" --mbuf-size=$((mbuf_data_bytes + 128)) --stats-period 1
  wait_until 60 testpmd_counted "$started" || fail "testpmd does not forward"
  sleep "$((settle_seconds + run_seconds + 1))"
  our_child "$started" || { tail -n 20 "$run_work/testpmd.log"; fail "testpmd has ended; its last lines are above"; }
  stop_children "$started"
  figures=$(testpmd_rates | tail -n "+$((settle_seconds + 1))" | head -n "$run_seconds" |
    jq -cs 'if length == 0 then error("no rate in the log of testpmd") else {mpps: (add / length / 1e6)} end')
}
testpmd_rates() { # of the port that receives, one a second
  sed -n '/NIC statistics for port 0 /,/####$/s/.*Rx-pps:[[:space:]]*\([0-9][0-9]*\).*/\1/p' "$run_work/testpmd.log"
}
testpmd_counted() { [ -n "$(testpmd_rates)" ] || ! our_child "$1"; }

# The data plane with one match-all rule and a port as target; control keeps flows from a record of every packet, of the
# profile $1 or lean.
mirror_side() {
  start_dataplane "records: { profile: ${1-lean} }
rules: [{ name: all, targets: ['port:shadow'] }]"
  start_control
  measure_counters
  figures_from_counters '{
    mpps: mpps("port.source.rx-packets"),
    mirrored_mpps: mpps("rule.all.mirrored.port:shadow"),
    records_mpps: mpps("records.0.taken"),
    full_mpps: mpps("records.0.full"),
    shed_packets: grown_of("^(rule|port)[.].*[.]shed[.]"),
    shed_records: grown("records.0.shed")
  }'
  jq -e '.shed_packets + .shed_records == 0' >/dev/null <<<"$figures" || warn "something was shed: the ratio does not count"
}

# The data plane between rings in memory, launched by a program that offers it 1 Mpps for the measured seconds; $@: the
# program's further options. What the program prints are the figures.
ring_harness() {
  run "$scripts/shadowplane" benchmark "$(program RingHarness)" --directory "$run_directory" --core "$poll_core" \
    --packets $((run_seconds * 1000000)) "$@" >"$run_work/harness.json" || fail "the program that offers traffic has failed: see above"
  figures=$(<"$run_work/harness.json")
}

# The data plane with $1 tuple rules, applied by control while it runs, and the traffic that they are about: 1,024 flows of
# which 11 of 12 have a rule, spread over all of them.
rules_side() {
  capture=$work/rules-$1.pcap
  [ -f "$capture" ] || run "$scripts/shadowplane" benchmark "$(program WriteRules)" --rules "$1" --capture "$capture" --file "$work/rules-$1.yaml"
  start_dataplane 'records: { profile: lean }'
  start_control
  run "$scripts/shadowplane" rule apply --file "$work/rules-$1.yaml" --control-config "$run_work/control.yaml"
  measure_counters
  figures_from_counters '{
    mpps: mpps("port.source.rx-packets"),
    matched_mpps: (grown_of("^rule[.].*[.]matched$") * 1e3 / .elapsed_ns),
    mirrored_mpps: (grown_of("^rule[.].*[.]mirrored[.]") * 1e3 / .elapsed_ns),
    records_mpps: mpps("records.0.taken"),
    shed_packets: grown_of("^(rule|port)[.].*[.]shed[.]"),
    shed_records: grown("records.0.shed")
  }'
  jq -e '.shed_packets + .shed_records == 0' >/dev/null <<<"$figures" || warn "something was shed: the ratio does not count"
}
