#!/usr/bin/env bash
# Measures single steps of the packet path with JMH, bytes allocated per operation (gc.alloc.rate.norm) included.
#   benchmarks/jmh.sh [PATTERN] [JMH_OPTION...]    for example FlowUpdate -p flows=1000 -i 10
# PATTERN is a regular expression over the names of benchmarks (default: all). Short by default: one fork, three seconds to
# warm up, five measured; JMH's options change that. Builds first when needed.
# shellcheck disable=SC2034 # variables shared with the parts
set -euo pipefail
benchmarks=$(dirname "$(readlink -f "$0")")
scripts=$benchmarks/../scripts
for part in messages packages cpus undo processes build; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
if [ "${1-}" = --help ] || [ "${1-}" = -h ]; then help_of "$0"; exit 0; fi
pattern=.
case ${1--} in
  -*) ;;
  *) pattern=$1; shift ;;
esac
defaults=()
for option in '-f 1' '-w 1s' '-wi 3' '-r 1s' '-i 5' '-prof gc'; do # JMH takes no option twice
  [[ " $* " == *" ${option% *} "* ]] || defaults+=("${option% *}" "${option#* }")
done

undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
build_if_stale dataplane benchmarks
work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-jmh.XXXXXX") # JMH keeps its lock and its forks' output there
undo_later rm -rf "$work"
# Nothing polls here: the compiler and the collector may have the other cores.
SHADOWPLANE_HOUSEKEEPING_CPUS=$(allowed_cpus | paste -sd,)
SHADOWPLANE_JVM_FLAGS="${SHADOWPLANE_JVM_FLAGS-} -Djava.io.tmpdir=$work"
export SHADOWPLANE_HOUSEKEEPING_CPUS SHADOWPLANE_JVM_FLAGS
run "$scripts/shadowplane" benchmark org.openjdk.jmh.Main "$pattern" ${defaults[@]+"${defaults[@]}"} "$@"
