# shellcheck shell=bash disable=SC2154
# Sourced, after planes.sh: the shop, a production network and its shadow as shop.yaml describes them, made by the provisioner.
#
#   visitors (10.20.0.16 and .17, fd20:0:0:1::10) ---- host end "v" - data plane - "p" ---- shop-net, of the production network
#                                                                       "x" ---- shadow-net, of the shadow
#
# Of what is mirrored, packets go into the shadow; sessions go to the journal, from which the shadow's feed drives them.
lab_shop_networks=(shop shop-shadow)
lab_journal_group=61183 # nobody's: the data plane's files have it, and the feed, which runs as a user of its own, reads them

lab_shop_names() {
  lab_visitors=sp-visitors-$lab_id
  lab_port_visitors=sp${lab_id}v lab_port_servers=sp${lab_id}p lab_port_shop_shadow=sp${lab_id}x
}

lab_shop_network() {
  local name
  for name in shop-net shadow-net; do
    [ ! -e "/sys/class/net/$name" ] || fail "there is an interface $name already, which shop.yaml names: another lab runs, or ip link delete $name"
  done
  add_namespace "$lab_visitors" "$lab_port_visitors"
  (in_namespace "$lab_visitors" ethtool -K eth0 tx off tso off gso off gro off >/dev/null)
  ip_in "$lab_visitors" link set eth0 address 02:20:00:00:00:10 up
  ip_in "$lab_visitors" address add 10.20.0.16/24 dev eth0
  ip_in "$lab_visitors" address add 10.20.0.17/24 dev eth0
  ip_in "$lab_visitors" address add fd20:0:0:1::10/64 dev eth0 nodad
  add_host_pair "$lab_port_servers" shop-net
  add_host_pair "$lab_port_shop_shadow" shadow-net
}

add_host_pair() { # $1, the data plane's, and $2, which the provisioner moves into a network
  undo_later remove_link "$1"
  ip link add "$1" type veth peer name "$2"
  no_offloads "$1"
  no_ipv6 "$1"
  no_ipv6 "$2"
  keep_host_out "$1"
  ip link set "$1" up
  ip link set "$2" up
}

lab_shop_config() { # what shop.yaml needs of both planes, and the provisioner's own
  cat >>"$lab_work/control.yaml" <<END
journal: $lab_work/journal
shadows: { provisioner: $lab_work/provisioner.socket, directory: $lab_work/provisioner }
END
  cat >"$lab_work/provisioner.yaml" <<END
directory: $lab_work/provisioner
socket: $lab_work/provisioner.socket
journal-groups: [$lab_journal_group]
start-timeout: 60s
END
  chmod 711 "$lab_work" # the services' users and the feed's pass through it
}

lab_shop_start() { # applies the template: all of production and its shadow, which pass their checks then
  undo_later lab_shop_gone
  lab_provisioner_log=$lab_work/provisioner.log
  start "$lab_provisioner_log" "$scripts/shadowplane" provisioner --config "$lab_work/provisioner.yaml"
  lab_provisioner_pid=$started
  wait_ready "$lab_provisioner_pid" "$lab_provisioner_log" "shadowplane provisioner ready"
  run "$scripts/shadowplane" shadow apply --file "$scripts/lab/shop.yaml" >"$lab_work/apply.log" 2>&1 ||
    { tail -n 60 "$lab_work/apply.log" "$lab_provisioner_log" "$lab_control_log" >&2; fail "the template was not applied: see above"; }
  wait_until 20 shop_feed_runs || {
    "$scripts/shadowplane" differences --shadow shop-shadow >&2 || true
    tail -n 20 "$lab_work/provisioner/shop-shadow/agents/feed/log" >&2
    fail "nothing drives the shadow's sessions: see above"
  }
}
shop_feed_runs() { "$scripts/shadowplane" differences --shadow shop-shadow >/dev/null 2>&1; }

lab_shop_visits() { # adds two visitors of the web service and one of the clock to the lab's clients
  local name source
  wait_until 20 shop_answers || fail "the shop does not answer through the data plane"
  for name in client:10.20.0.16 guest:10.20.0.17 ipv6:fd20:0:0:1::10; do
    source=${name#*:} name=shop-${name%%:*}
    start "$lab_work/client-$name.log" in_namespace "$lab_visitors" /usr/bin/python3 "$scripts/lab/visit.py" web "$name" "$lab_work" "$source"
    lab_client_pids+=("$started") lab_client_names+=("$name")
  done
  start "$lab_work/client-shop-clock.log" in_namespace "$lab_visitors" /usr/bin/python3 "$scripts/lab/visit.py" clock shop-clock "$lab_work" 10.20.0.16
  lab_client_pids+=("$started") lab_client_names+=(shop-clock)
}
shop_answers() { (in_namespace "$lab_visitors" curl --noproxy '*' -sf --max-time 1 -o /dev/null http://10.20.0.32/item/1); }

# Waits until every session that was mirrored has been driven, keeps what differed in shop.json, and takes the shop away.
lab_shop_stop() {
  wait_until 30 shop_is_driven || warn "not every session of the shop was driven: see the feed's status in the report"
  "$scripts/shadowplane" differences --shadow shop-shadow --limit 100000 --format json >"$lab_work/differences.json" ||
    fail "what differed in the shop cannot be listed: see above"
  "$scripts/shadowplane" differences --shadow shop-shadow --limit 8 >"$lab_work/differences.txt"
  jq -n --slurpfile status "$(shop_feed_report)/status.json" --slurpfile listed "$lab_work/differences.json" \
    --argjson privileges "$((16#$(sed -n 's/^CapEff:[[:space:]]*//p' "/proc/$lab_control_pid/status")))" '
    {sessions: $status[0].sessions, requests: $status[0].requests, differences: ($listed[0].differences | length),
     unexpected: [$listed[0].differences[] | select(.request | test("^GET /item/[0-9]*3 ") | not) | .request],
     control_capabilities: $privileges}' >"$lab_work/shop.json"
  run "$scripts/shadowplane" shadow delete shop >>"$lab_work/apply.log" 2>&1 ||
    { tail -n 20 "$lab_work/apply.log" >&2; fail "the shop was not taken away: see above"; }
}
shop_feed_report() { find "$lab_work/provisioner/shop-shadow/agents" -mindepth 2 -maxdepth 2 -name report; }
shop_is_driven() {
  local status
  status=$(jq -c '[.sessions.seen, .requests.compared]' "$(shop_feed_report)/status.json") || return 1
  [ "$status" = "${shop_status-}" ] || { shop_status=$status; sleep 1.5; return 1; }
}

lab_shop_gone() { # whatever a run that broke off has left of the shop
  local network group namespace
  for network in "${lab_shop_networks[@]}"; do
    find /sys/fs/cgroup -maxdepth 3 -type d -path "*/shadowplane/$network" 2>/dev/null | while read -r group; do
      processes_of "$group" | xargs -r kill -9 2>/dev/null || true
      wait_until 5 group_is_empty "$group" || true
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
  done
  rmdir /sys/fs/cgroup/shadowplane /sys/fs/cgroup/*/shadowplane 2>/dev/null || true # of no other network
  for namespace in sp-shop sp-shop-feed sp-shop-{web,clock,stock}-1 sp-shop-shadow sp-shop-shadow-{feed,client,guest} sp-shop-shadow-{web,clock,stock}-1; do
    remove_namespace "$namespace"
  done
}
processes_of() { find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null; }
group_is_empty() { [ -z "$(processes_of "$1")" ]; }
