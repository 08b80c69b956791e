# shellcheck shell=bash disable=SC2034,SC2154
# As records-lean, with full records of TCP connections: every statistic of a flow.
# shellcheck source=/dev/null
. "$benchmarks/jobs/records-lean.sh"

ours() { record_rates 30000000 --full; }
