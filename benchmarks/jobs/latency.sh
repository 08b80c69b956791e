# shellcheck shell=bash disable=SC2034,SC2154
# From a burst received to production transmitted, at a paced 1 Mpps over rings; mirroring on against off.
against=mirroring-off run_seconds=10 ratio_of=p99_9_ns worst='lost_packets refused_packets gaps_over_1ms'

ours() { ring_harness --latencies --mirror; }

peer() { ring_harness --latencies; }
