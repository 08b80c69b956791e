# shellcheck shell=bash disable=SC2034,SC2154
# Forwards, mirrors every frame to a port, and control keeps flows from a record of every packet.
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() { capture 1024 64; mirror_side; }
peer() { testpmd_io; }
