# shellcheck shell=bash disable=SC2154
# Sourced by peers.sh: from the figures of single runs to medians, spread and ratios.

# The runs of the job as one line, {result, spread}. A figure is the median of its runs, or the largest when the job names it
# in $worst; the ratio is ours to the peer's of the figure $ratio_of.
summary_of_job() {
  jq -cs --arg job "$job" --arg against "$against" --arg ratio_of "$ratio_of" --arg worst "$worst" '
    def tidy: . * 1000 | round / 1000;
    def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
    def of($side; $prefix): map(select(.side == $side).figures) | . as $runs
      | (.[0] // {}) | keys_unsorted | map({key: ($prefix + .), value: (. as $key | $runs | map(.[$key]))}) | from_entries;
    def middle: with_entries(.key as $key | .value |= (
      if $worst | split(" ") | index($key | ltrimstr("peer_")) then max else median end | tidy));
    def ends: map_values("\(min | tidy) to \(max | tidy)");
    of("ours"; "") + of("peer"; "peer_") | {
      result: ({job: $job, against: (if $against == "" then null else $against end)} + middle
        + (if $ratio_of == "" then {} else middle as $m | {ratio: ($m[$ratio_of] / $m["peer_" + $ratio_of] | tidy)} end)),
      spread: ends
    }' "$work/$job.runs"
}

shown_run() { jq -r 'to_entries | map("\(.key) \(.value * 1000 | round / 1000)") | join(", ")' <<<"$1"; } # on one line

print_result() { # a line of summary_of_job
  jq -r '.spread as $spread | .result
    | "\(.job)" + (if .against then " against \(.against)" else "" end) + (if .ratio then ": ratio \(.ratio)" else "" end),
      (del(.job, .against, .ratio) | to_entries[] | "    \(.key) \(.value) (\($spread[.key]))")' <<<"$1"
}

print_machine() {
  local model
  model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
  echo "machine: ${model:-unknown CPU}, $(allowed_cpus | wc -l) cores, Linux $(uname -r)," \
    "DPDK $(dpkg-query -W -f='${Version}' librte-ethdev23), JDK $(sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"/\1/p' "$JAVA_HOME/release"); $(git_state)"
}

git_state() { git -C "$scripts/.." log -1 --format='commit %h' 2>/dev/null || echo "no commit"; }
