# shellcheck shell=bash
# Sourced: how every script speaks.
say() { echo "shadowplane: $*"; }
warn() { echo "shadowplane: warning: $*" >&2; }
fail() { echo "shadowplane: $*" >&2; exit 1; }         # the job failed
usage() { echo "shadowplane: $*; see --help" >&2; exit 2; } # wrong usage or input

# The comment at the top of the script $1, from its second line on.
help_of() { sed -n '2,${/^#/!q;/^# shellcheck /q;s/^# \{0,1\}//p}' "$1"; }
