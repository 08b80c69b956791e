#!/usr/bin/env bash
# Runs every test of the project, from a bare host: installs the Debian packages that are missing (they stay installed),
# borrows hugepages, builds, tests, and gives the hugepages back. Fails, naming it, when a test leaves anything behind.
#   scripts/test.sh [MAVEN_ARGUMENT...]    for example -pl dataplane -am
# Ends with Surefire's closing line of each module and their sum. Exit status: 0 all passed, 1 not.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
scripts=$(dirname "$(readlink -f "$0")")
for part in messages packages cpus undo processes hugepages leftovers; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
if [ "${1-}" = --help ] || [ "${1-}" = -h ]; then help_of "$0"; exit 0; fi

undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
packages_install test
mapfile -t shell_scripts < <(cd "$scripts/.." && grep -rlE --exclude-dir=target --exclude-dir=.git '^(#!.*bash|# shellcheck shell=bash)' . | sort)
(cd "$scripts/.." && shellcheck -x --severity=warning "${shell_scripts[@]}") || fail "shellcheck found fault with the scripts: see above"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-test.XXXXXX")
undo_later rm -rf "$work"
mkdir "$work/tmp" "$work/run"
chmod 711 "$work" # services and users of tests pass through it
marker=SHADOWPLANE_TEST_RUN=${work##*.}
remember_host "$work"
if [ "$(id -u)" = 0 ]; then borrow_hugepages 256 "$work/hugepages"; fi

# Maven hands its temporary folder on to the JVMs of the tests, so that what they leave there is found. EAL makes a folder in
# RUNTIME_DIRECTORY, and in /run without it, which it never removes.
start "$work/maven.log" env "$marker" RUNTIME_DIRECTORY="$work/run" TMPDIR="$work/tmp" MAVEN_OPTS="${MAVEN_OPTS-} -Djava.io.tmpdir=$work/tmp" \
  "$scripts/../mvnw" -B -f "$scripts/../pom.xml" "$@" verify
maven=$started
run tail -n +1 -f -s 0.2 --pid="$maven" "$work/maven.log"
status=0
wait "$maven" || status=1

left=$(left_behind "$work" "$marker" "$work/tmp")
if [ -n "$left" ]; then
  status=1
  while read -r line; do echo "shadowplane: left behind by the tests: $line" >&2; done <<<"$left"
fi
summary='Tests run: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+), Skipped: ([0-9]+)$'
grep -E "^\[[A-Z]+\] $summary" "$work/maven.log" || fail "no test ran: see above"
[ "$status" = 0 ] || echo "shadowplane: the tests failed" >&2
sed -nE "s/^\[[A-Z]+\] $summary/\1 \2 \3 \4/p" "$work/maven.log" |
  awk '{ run += $1; failures += $2; errors += $3; skipped += $4 }
    END { printf "Tests run: %d, Failures: %d, Errors: %d, Skipped: %d\n", run, failures, errors, skipped }'
exit "$status"
