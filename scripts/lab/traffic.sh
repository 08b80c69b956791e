# shellcheck shell=bash disable=SC2034,SC2154
# Sourced, after network.sh: real programs that talk through the lab. A web server and iperf3 in *server*; curl over IPv4,
# IPv6 and a VLAN and iperf3 over UDP in *client*; tcpdump in *shadow*, which counts what the mirror delivers.
lab_servers() { # $1 $2: the sizes in bytes of /large, fetched over IPv4 and IPv6, and of /small, fetched over the VLAN
  mkdir "$lab_work/www"
  head -c "$1" /dev/urandom >"$lab_work/www/large"
  head -c "$2" /dev/urandom >"$lab_work/www/small"
  start "$lab_work/http.log" in_namespace "$lab_server" /usr/bin/python3 -m http.server --bind :: --directory "$lab_work/www" 80
  start "$lab_work/iperf3.log" in_namespace "$lab_server" iperf3 --server --forceflush
  wait_until 10 grep -q 'Server listening' "$lab_work/iperf3.log" || { cat "$lab_work/iperf3.log" >&2; fail "iperf3 does not start in $lab_server"; }
}

lab_shadow_capture() {
  start "$lab_work/shadow.log" in_namespace "$lab_shadow" tcpdump -Z root -n -i eth0 -Q in -B 16384 -s 64 -w /dev/null
  lab_shadow_pid=$started
  wait_until 10 grep -q 'listening on' "$lab_work/shadow.log" || { cat "$lab_work/shadow.log" >&2; fail "tcpdump does not start in $lab_shadow"; }
}

lab_urls=(
  http-ipv4 http://198.18.0.2/large
  http-ipv6 'http://[fd00:5ad0::2]/large'
  http-vlan "http://198.18.$lab_vlan.2/small"
)

answers() { # whether the server answers at URL $1
  (in_namespace "$lab_client" curl --noproxy '*' -sf --max-time 1 -o /dev/null "$1")
}

# Starts the clients once each address answers, so that what they report lost was lost by the data plane.
lab_clients() {
  local i name url
  for ((i = 0; i < ${#lab_urls[@]}; i += 2)); do
    wait_until 20 answers "${lab_urls[i + 1]}" || fail "no answer from ${lab_urls[i + 1]} through the data plane (${lab_urls[i]})"
  done
  lab_client_pids=() lab_client_names=()
  for ((i = 0; i < ${#lab_urls[@]}; i += 2)); do
    name=${lab_urls[i]} url=${lab_urls[i + 1]}
    start_client fetch "$name" "$url" "$lab_work/www/${url##*/}"
  done
  start_client udp udp 198.18.0.2
}

start_client() {
  local kind=$1 name=$2
  shift 2
  start "$lab_work/client-$name.log" in_namespace "$lab_client" "$scripts/lab/client.sh" "$kind" "$name" "$lab_work" "$@"
  lab_client_pids+=("$started") lab_client_names+=("$name")
}

# Ends the clients at a pause of each, and gathers their reports in traffic.json.
lab_stop_clients() {
  touch "$lab_work/stop"
  wait_until 15 none_runs "${lab_client_pids[@]}" || warn "a client does not end"
  local name
  for name in "${lab_client_names[@]}"; do
    sort "$lab_work/client-$name.log" | uniq -c | sed "s/^ */shadowplane: $name failed, times /" >&2
    cat "$lab_work/client-$name.json"
  done | jq -s . >"$lab_work/traffic.json" || fail "a client of the lab broke off: see above"
}

# Ends the capture in *shadow*; what the kernel has given it is in $lab_shadow_received.
lab_stop_shadow_capture() {
  stop_children "$lab_shadow_pid"
  lab_shadow_received=$(sed -n 's/^\([0-9]*\) packets* received by filter.*/\1/p' "$lab_work/shadow.log")
}
