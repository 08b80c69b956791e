#!/usr/bin/env bash
# The milliseconds from the first request until every service of 10 VMs passes its check: netns driver, the median of three.
# unit: ms, floor: at most 3000
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=benchmarks/lab/provisioner.sh
. "$here/provisioner.sh"
measure create
