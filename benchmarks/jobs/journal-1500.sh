# shellcheck shell=bash disable=SC2034,SC2154
# As journal, with frames of 1,500 bytes.
# shellcheck source=/dev/null
. "$benchmarks/jobs/journal.sh"
ratio_of=gbytes

ours() { journal_rate --frames 2000000 --frame-bytes 1500; }
peer() { journal_rate --frames 2000000 --frame-bytes 1500 --chronicle; }
