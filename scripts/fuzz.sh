#!/usr/bin/env bash
# Looks for inputs that break the readers of captures, journals, frames and rules, and anonymisation, with Jazzer.
#   scripts/fuzz.sh [--seconds N] [TEST...]    for example CaptureReaderJazzerTest; by default each *JazzerTest, 60 s
# What breaks one is put beside its seeds in dataplane/src/test/resources, so that every later test run tries it again. What was
# found to be of interest is kept in dataplane/.cifuzz-corpus for the next time. Exit status: 0 nothing found, 1 something.
# shellcheck disable=SC2034 # variables shared with the parts
set -euo pipefail
scripts=$(dirname "$(readlink -f "$0")")
for part in messages undo processes; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
if [ "${1-}" = --help ] || [ "${1-}" = -h ]; then help_of "$0"; exit 0; fi
seconds=60
if [ "${1-}" = --seconds ]; then
  seconds=${2-}
  [[ $seconds =~ ^[1-9][0-9]{0,5}$ ]] || usage "--seconds ${seconds:-without a number}: give a number from 1 to 999999"
  shift 2
fi
undo_at_exit
tests=("$@")
if [ ${#tests[@]} = 0 ]; then
  mapfile -t tests < <(find "$scripts/../dataplane/src/test/java" -name '*JazzerTest.java' -printf '%f\n' | sed 's/\.java$//' | sort)
fi
status=0
# One a JVM: that is what Jazzer supports.
for test in "${tests[@]}"; do
  say "fuzzing $test for $seconds s"
  run env JAZZER_FUZZ=1 "$scripts/../mvnw" -B -q -f "$scripts/../pom.xml" -pl dataplane -am test -Dtest="$test" \
    -Dsurefire.failIfNoSpecifiedTests=false -Djazzer.hooks=true -Djazzer.max_duration="${seconds}s" \
    -Djazzer.instrumentation_includes='dev.shadowplane.**' || status=1
done
exit "$status"
