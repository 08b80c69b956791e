# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by peers.sh: Open vSwitch on DPDK (Debian's openvswitch-switch-dpdk), with its database, sockets and logs in
# $run_work and nowhere else: a switch that the host runs is left alone. What sides.sh says holds here, too.
vsctl() { ovs-vsctl --db="unix:$run_work/db.sock" --no-syslog --timeout=30 "$@"; }
vswitch_answers() { ovs-appctl --target="$run_work/vswitchd.ctl" version >/dev/null 2>&1 || ! our_child "$1"; }
database_answers() { vsctl --no-wait show >/dev/null 2>&1 || ! our_child "$1"; }

start_open_vswitch() { # with one polling core, that of the other sides
  local link
  for link in ovs-netdev bench; do # they outlive a switch that is killed
    [ -e "/sys/class/net/$link" ] || undo_later delete_link "$link"
  done
  export OVS_RUNDIR=$run_work OVS_DBDIR=$run_work OVS_LOGDIR=$run_work OVS_SYSCONFDIR=$run_work # where it puts everything
  ovsdb-tool create "$run_work/conf.db" /usr/share/openvswitch/vswitch.ovsschema
  start "$run_work/ovsdb.log" ovsdb-server "$run_work/conf.db" --remote="punix:$run_work/db.sock" \
    --unixctl="$run_work/ovsdb.ctl" --no-chdir -vsyslog:off
  wait_until 30 database_answers "$started" && our_child "$started" || { tail -n 20 "$run_work/ovsdb.log"; fail "ovsdb-server does not start"; }
  vsctl --no-wait -- set Open_vSwitch . other_config:dpdk-init=true \
    other_config:dpdk-extra="--no-pci --no-telemetry" other_config:dpdk-socket-mem=512 \
    other_config:dpdk-lcore-mask="$(mask_of "$main_core")" other_config:pmd-cpu-mask="$(mask_of "$poll_core")"
  start "$run_work/vswitchd.log" taskset -c "$main_core,$poll_core" /usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk \
    "unix:$run_work/db.sock" --unixctl="$run_work/vswitchd.ctl" --no-chdir -vsyslog:off
  vswitchd=$started
  wait_until 60 vswitch_answers "$vswitchd" && our_child "$vswitchd" || { tail -n 20 "$run_work/vswitchd.log"; fail "ovs-vswitchd does not start"; }
}
mask_of() { printf '0x%x' "$((1 << $1))"; }

# A bridge between the same devices as the other sides': what comes from the source goes to the sink and is mirrored to the
# shadow. The rate is what the source's port counts; what the sink and the shadow have not sent is shed.
open_vswitch_mirror() {
  packages_install open-vswitch
  start_open_vswitch
  vsctl add-br bench -- set bridge bench datapath_type=netdev fail_mode=secure \
    -- add-port bench source -- set Interface source type=dpdk ofport_request=1 \
    options:dpdk-devargs="net_pcap0,rx_pcap=$capture,infinite_rx=1" \
    -- add-port bench sink -- set Interface sink type=dpdk ofport_request=2 options:dpdk-devargs="net_null0,no-rx=1" \
    -- add-port bench shadow -- set Interface shadow type=dpdk ofport_request=3 options:dpdk-devargs="net_null1,no-rx=1" \
    -- --id=@from get port source -- --id=@to get port shadow \
    -- --id=@mirror create mirror name=all select-src-port=@from output-port=@to -- set bridge bench mirrors=@mirror >/dev/null ||
    { tail -n 20 "$run_work/vswitchd.log"; fail "Open vSwitch does not take the devices: see above"; }
  ovs-ofctl add-flow "$run_work/bench.mgmt" in_port=1,actions=output:2
  sleep "$settle_seconds"
  local before after
  before=$(vswitch_counts)
  sleep "$run_seconds"
  after=$(vswitch_counts)
  ovs-appctl --target="$run_work/vswitchd.ctl" exit --cleanup # or its interfaces would stay
  stop_children "$vswitchd"
  figures=$(jq -cn --argjson before "$before" --argjson after "$after" '
    def grown($name): $after[$name] - $before[$name];
    (grown("ns") / 1e3) as $us | {
      mpps: (grown("received") / $us),
      mirrored_mpps: (grown("mirrored") / $us),
      shed_packets: grown("shed")
    }')
  jq -e '.mirrored_mpps > 0' >/dev/null <<<"$figures" || { tail -n 20 "$run_work/vswitchd.log"; fail "Open vSwitch mirrors nothing: see above"; }
}

# What the ports have counted at this moment, as JSON: port 1 is the source, 2 the sink, 3 the mirror's.
vswitch_counts() {
  ovs-ofctl dump-ports "unix:$run_work/bench.mgmt" | awk -v ns="$(date +%s%N)" '
    function value(name) { match($0, name "=[0-9]+"); return substr($0, RSTART + length(name) + 1, RLENGTH - length(name) - 1) + 0 }
    /port/ { port = $2 + 0; if ($2 == "LOCAL:") port = "LOCAL"; if (port == 1) received = value("rx pkts") }
    /tx pkts/ { shed += value("drop") + value("errs"); if (port == 3) mirrored = value("tx pkts") }
    END { printf "{\"ns\": %s, \"received\": %d, \"mirrored\": %d, \"shed\": %d}", ns, received, mirrored, shed }'
}
