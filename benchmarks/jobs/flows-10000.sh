# shellcheck shell=bash disable=SC2034,SC2154
# As mirror, with the frames of 10,000 flows.
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() { capture 10000 64; mirror_side; }
peer() { testpmd_io; }
