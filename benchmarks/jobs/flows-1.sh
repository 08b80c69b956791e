# shellcheck shell=bash disable=SC2034,SC2154
# As mirror, with the frames of one flow.
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() { capture 1 64; mirror_side; }
peer() { testpmd_io; }
