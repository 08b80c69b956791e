# shellcheck shell=bash disable=SC2034,SC2154
# Journals 64-byte frames from a ring through the journal agent into a queue on tmpfs, one thread; a Chronicle Queue alone.
against=chronicle ratio_of=mframes worst='allocated_bytes_per_frame longest_cycle_ns'

ours() { journal_rate --frames 30000000; }
peer() { journal_rate --frames 30000000 --chronicle; }

journal_rate() {
  figures=$(run env SHADOWPLANE_HOUSEKEEPING_CPUS="$main_core,$poll_core" "$scripts/shadowplane" benchmark "$(program JournalRate)" --journal "$run_directory/journal" "$@") ||
    fail "the program that journals has failed: see above"
}
