# shellcheck shell=bash disable=SC2034,SC2154
# As mirror, with frames of 64, 576 and 1,500 bytes, 7 to 4 to 1 (simple IMIX).
against=testpmd-io run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() { capture 1024 64,576,64,64,576,64,1500,64,576,64,64,576; mirror_side; }
peer() { testpmd_io; }
