# shellcheck shell=bash disable=SC2034,SC2154
# Takes lean records of 1,000, 1 M and 10 M flows into the flow table, the analytics agent alone on a core; no peer.
worst='longest_cycle_ns_1000 longest_cycle_ns_1000000 longest_cycle_ns_10000000'

ours() { record_rates 60000000; }

# Takes $1 records a number of flows; what else there is goes to RecordRate.
record_rates() {
  local flows rate all='{}'
  for flows in 1000 1000000 10000000; do
    rate=$(run env SHADOWPLANE_HOUSEKEEPING_CPUS="$main_core,$poll_core" \
      "$scripts/shadowplane" benchmark "$(program RecordRate)" --flows "$flows" --records "$@") ||
      fail "the program that takes records has failed: see above"
    all=$(jq -c --arg flows "$flows" --argjson all "$all" '$all + with_entries(.key += "_" + $flows)' <<<"$rate")
  done
  figures=$all
}
