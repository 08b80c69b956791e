# shellcheck shell=bash disable=SC2034,SC2154
# As rules-10 with 10,000 tuple rules, put in force while traffic runs; against rules-10.
against=rules-10 run_seconds=5 ratio_of=mpps worst='shed_packets shed_records'

ours() { rules_side 10000; }
peer() { rules_side 10; }
