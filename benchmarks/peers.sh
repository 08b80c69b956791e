#!/usr/bin/env bash
# Compares the product with its peers on the same virtual devices and this machine, and prints medians and spread.
#   benchmarks/peers.sh [--job JOB]... [--runs N] [--seconds S] [--json]
# Installs the Debian packages that are missing (they stay installed), borrows hugepages, builds, and runs us and the peer in
# turn, us first. Nothing else should run on the machine; benchmarks/README.md says what each job measures and how to read it.
# --job JOB      one of benchmarks/jobs, may be given several times (default: every job)
# --runs N       how often each side runs (default 5)
# --seconds S    how long each run is measured (default: the job's own)
# --json         prints an array of {"job", "against", FIGURE, "peer_FIGURE", "ratio"} and nothing else on stdout
# Progress, each run and the machine go to stderr. Exit status: 0 done, 1 a run failed, 2 wrong usage.
# shellcheck disable=SC2034,SC2154 # variables shared with the parts
set -euo pipefail
benchmarks=$(dirname "$(readlink -f "$0")")
scripts=$benchmarks/../scripts
for part in messages packages cpus undo processes build hugepages; do
  # shellcheck source=/dev/null
  . "$scripts/lib/$part.sh"
done
for part in sides open_vswitch figures veth; do
  # shellcheck source=/dev/null
  . "$benchmarks/lib/$part.sh"
done

jobs_there() { find "$benchmarks/jobs" -name '*.sh' -printf '%f\n' | sed 's/\.sh$//' | sort; }

job_list=() runs=5 seconds='' json=0
while [ $# -gt 0 ]; do
  case $1 in
    --job | --runs | --seconds) [ $# -ge 2 ] || usage "$1 needs a value" ;;&
    --runs | --seconds) [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || usage "$1 takes a whole number from 1 to 9999, not '$2'" ;;&
    --job) [[ $2 =~ ^[a-z0-9-]+$ && -f $benchmarks/jobs/$2.sh ]] || usage "no job '$2': there are $(jobs_there | paste -sd ' ')"; job_list+=("$2"); shift ;;
    --runs) runs=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --json) json=1 ;;
    --help | -h) help_of "$0"; echo "Jobs:"; for job in $(jobs_there); do printf '  %-12s %s\n' "$job" "$(sed -n '2s/^# //p' "$benchmarks/jobs/$job.sh")"; done; exit 0 ;;
    *) usage "unknown argument '$1'" ;;
  esac
  shift
done
[ "${#job_list[@]}" -gt 0 ] || mapfile -t job_list < <(jobs_there)

exec 3>&1 1>&2 # what scripts say is progress here; results go to 3
[ "$(allowed_cpus | wc -l)" -ge 2 ] || fail "a comparison needs two cores: one polls, the other does everything else"
undo_at_exit
# shellcheck source=scripts/lib/jdk.sh
. "$scripts/lib/jdk.sh"
packages_install benchmark
build_if_stale dataplane control benchmarks
work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-benchmark.XXXXXX")
undo_later rm -rf "$work"
shared=$(mktemp -d /dev/shm/shadowplane-benchmark.XXXXXX) # a data plane's mapped files
undo_later rm -rf "$shared"
export RUNTIME_DIRECTORY=$shared # where EAL makes its folder, also for peers
if [ "$(id -u)" = 0 ]; then borrow_hugepages 384 "$work/hugepages"; fi
read -r load _ </proc/loadavg
[ "${load%%.*}" = 0 ] || warn "the machine is busy (load $load): what else runs will show in the figures"
poll_core=$(worker_cpu)
main_core=$(allowed_cpus | head -n 1)

run_side() { # $1: ours or peer; $2: number of the run
  local job_work=$work/$job-$1-$2
  mkdir "$job_work"
  run_work=$job_work run_directory=$shared/$job-$1-$2 figures=''
  mkdir "$run_directory"
  "$1"
  stop_children
  [ -n "$figures" ] || fail "$job: $1 has measured nothing"
  jq -e 'type == "object" and all(.[]; type == "number")' >/dev/null <<<"$figures" || fail "$job: $1 measured nonsense: $figures"
  say "$job, run $2 of $runs, $1: $(shown_run "$figures")"
  jq -c --arg side "$1" '{side: $side, figures: .}' <<<"$figures" >>"$work/$job.runs"
  rm -rf "$job_work" "$run_directory"
}

for job in "${job_list[@]}"; do
  unset -f ours peer
  against='' run_seconds='' ratio_of='' worst='' hugepages=0
  buffers 65535 2048
  # shellcheck source=/dev/null
  . "$benchmarks/jobs/$job.sh"
  run_seconds=${seconds:-$run_seconds}
  if [ "$hugepages" -gt 0 ] && [ "$(id -u)" = 0 ]; then borrow_hugepages "$hugepages" "$work/hugepages-$job"; fi
  for ((i = 1; i <= runs; i++)); do
    run_side ours "$i"
    if [ -n "$against" ]; then run_side peer "$i"; fi
  done
  summary_of_job >>"$work/results"
done

print_results() { print_machine; while read -r result; do print_result "$result"; done <"$work/results"; }
if [ "$json" = 1 ]; then
  print_results
  jq -s 'map(.result)' "$work/results" >&3
else
  print_results >&3
fi
