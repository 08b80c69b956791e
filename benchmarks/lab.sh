#!/usr/bin/env bash
# Measures what is done with shadow networks, each job with real processes and namespaces on this machine.
#   benchmarks/lab.sh --job JOB|all [--job JOB]... [--json]
# A job is a script in benchmarks/lab, which installs, builds and starts what it needs and takes it down again; it takes root.
# --job JOB   may be given several times; all is every job
# --json      prints an array of {"job", "value", "unit", "floor"} and nothing else on stdout
# Progress goes to stderr. Exit status: 0 measured, 1 a job failed, 2 wrong usage.
set -euo pipefail
benchmarks=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/lib/messages.sh
. "$benchmarks/../scripts/lib/messages.sh"

# Each job's unit and floor: what the value has to be at least (>) or at most (<).
declare -A units=(
  [create]=ms [delete]=ms [apply-unchanged]=ms [replication-lag]=ms [sessions]=differences [kill]=leftovers
) floors=(
  [create]='< 3000' [delete]='< 2000' [apply-unchanged]='< 200' [replication-lag]='< 50' [sessions]='> 20' [kill]='< 0'
)

jobs_there() { find "$benchmarks/lab" -maxdepth 1 -name '*.sh' -printf '%f\n' | sed 's/\.sh$//' | sort; }

job_list=() json=0
while [ $# -gt 0 ]; do
  case $1 in
    --job)
      [ $# -ge 2 ] || usage "--job needs a value"
      if [ "$2" = all ]; then
        mapfile -t -O "${#job_list[@]}" job_list < <(jobs_there)
      else
        if [ -z "${units[$2]-}" ] || [ ! -f "$benchmarks/lab/$2.sh" ]; then
          usage "no job '$2': there are all $(jobs_there | paste -sd ' ')"
        fi
        job_list+=("$2")
      fi
      shift
      ;;
    --json) json=1 ;;
    --help | -h) help_of "$0"; echo "Jobs:"; for job in $(jobs_there); do printf '  %-16s %s\n' "$job" "$(sed -n '2s/^# //p' "$benchmarks/lab/$job.sh")"; done; exit 0 ;;
    *) usage "unknown argument '$1'" ;;
  esac
  shift
done
[ "${#job_list[@]}" -gt 0 ] || usage "name a job: --job all, or one of $(jobs_there | paste -sd ' ')"
[ "$(id -u)" = 0 ] || fail "the jobs make network namespaces: run it as root"
command -v jq >/dev/null || fail "jq is missing: sudo scripts/install.sh benchmark"

failed=0 results=''
for job in "${job_list[@]}"; do
  say "$job" >&2
  value=$("$benchmarks/lab/$job.sh" </dev/null | tail -n 1) || value=''
  if ! [[ $value =~ ^-?[0-9]+([.][0-9]+)?$ ]]; then
    warn "$job has measured nothing: '$value'"
    failed=1
    continue
  fi
  results+=$(jq -cn --arg job "$job" --argjson value "$value" --arg unit "${units[$job]}" --arg floor "${floors[$job]}" \
    '{job: $job, value: $value, unit: $unit, floor: ($floor | ltrimstr("<") | ltrimstr(">") | tonumber)}')$'\n'
  if [ "$json" = 0 ]; then
    case ${floors[$job]} in
      '<'*) bound="at most ${floors[$job]#< }" ;;
      *) bound="at least ${floors[$job]#> }" ;;
    esac
    printf '%-16s %10s %-12s (%s)\n' "$job" "$value" "${units[$job]}" "$bound"
  fi
done
if [ "$json" = 1 ]; then jq -s . <<<"$results"; fi
exit "$failed"
