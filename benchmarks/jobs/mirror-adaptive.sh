# shellcheck shell=bash disable=SC2034,SC2154
# As mirror, with records of the adaptive profile: full ones as far as control keeps up, then of one flow in 16.
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() { capture 1024 64; mirror_side adaptive; }
peer() { testpmd_io; }
