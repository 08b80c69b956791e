# shellcheck shell=bash disable=SC2034,SC2154
# As capture, with frames of 1,500 bytes.
# shellcheck source=/dev/null
. "$benchmarks/jobs/capture.sh"
frame_bytes=1500
