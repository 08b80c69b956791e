#!/usr/bin/env bash
# The milliseconds that deleting a network of 10 VMs and services takes, until nothing is left: netns driver, the median of three.
# unit: ms, floor: at most 2000
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=benchmarks/lab/provisioner.sh
. "$here/provisioner.sh"
measure delete
