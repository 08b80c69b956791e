# shellcheck shell=bash disable=SC2034,SC2154
# As mirror, with the frames of 1,000,000 flows.
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'
hugepages=1000; buffers 1114111 256

ours() { capture 1000000 64; mirror_side; }
peer() { testpmd_io; }
