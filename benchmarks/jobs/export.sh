# shellcheck shell=bash disable=SC2034,SC2154
# Exports a minute from a journal of 20 GB (EXPORT_GIGABYTES) whose files are not in memory; dd reads as many bytes there.
against=reading ratio_of=gbytes_per_second
gigabytes=${EXPORT_GIGABYTES:-20}

ours() {
  export_journal
  local began=${EPOCHREALTIME/./}
  run "$scripts/shadowplane" journal export --journal "$journal" --from "$window_from" --to "$window_to" --output - >/dev/null ||
    fail "the export has failed: see above"
  export_figures "$began"
}

# The bytes where the window is: the third of five minutes begins at two fifths of the first file.
peer() {
  export_journal
  local began=${EPOCHREALTIME/./}
  dd if="$(export_files | head -n 1)" iflag=skip_bytes,count_bytes bs=1M skip=$((window_bytes * 2)) count="$window_bytes" of=/dev/null \
    status=none || fail "dd has failed: see above"
  export_figures "$began"
}

export_figures() { # $1: when it began, in us
  figures=$(jq -cn --argjson us $((${EPOCHREALTIME/./} - $1)) --argjson bytes "$window_bytes" \
    '{gbytes_per_second: ($bytes / $us / 1e3), seconds: ($us / 1e6)}')
}

export_files() { find "$journal" -name '*.cq4' | sort; }

export_journal() { # made once, and put out of memory before each run
  journal=$work/export-journal
  if [ ! -d "$journal" ]; then
    local free
    free=$(df --output=avail -B1G "$work" | tail -n 1)
    [ "$free" -gt $((gigabytes + 5)) ] || fail "$work has ${free## } GiB free, $((gigabytes + 5)) are needed: set TMPDIR or EXPORT_GIGABYTES"
    run "$scripts/shadowplane" benchmark "$(program WriteJournal)" --journal "$journal" --gigabytes "$gigabytes" >"$work/export-window" ||
      fail "the journal could not be written: see above"
    sync -f "$journal"
  fi
  window_from=$(jq .from "$work/export-window")
  window_to=$(jq .to "$work/export-window")
  window_bytes=$(jq .bytes "$work/export-window")
  local file
  for file in $(export_files); do dd if="$file" iflag=nocache count=0 status=none; done
}
