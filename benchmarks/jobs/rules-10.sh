# shellcheck shell=bash disable=SC2034,SC2154
# Forwards, mirrors a tenth of the flows of 10 tuple rules to a port, and control keeps flows from a record of every packet.
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() { rules_side 10; }
peer() { testpmd_io; }
