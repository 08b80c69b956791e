# shellcheck shell=bash disable=SC2034,SC2154
# Packets lost from the first one offered to a fresh process, over rings of 1,024 descriptors, paced 1 Mpps from another core.
run_seconds=2 worst='lost_packets refused_packets gaps_over_1ms'

ours() { ring_harness --mirror; }
