# shellcheck shell=bash disable=SC2154
# Sourced, after messages.sh: the ahead-of-time caches with which the data plane and commands start faster (JEP 483, 515).
# Each belongs to the jars, the JDK and the flags it was made with; the JVM ignores another one.
dataplane_aot=$scripts/../dataplane/target/dataplane.aot
commands_aot=$scripts/../control/target/commands.aot

aot_is_current() { # the cache $1 of the module $2
  [ -e "$1" ] && [ -z "$(find "$scripts/../$2/target" -maxdepth 2 -name '*.jar' -newer "$1" -print -quit)" ] &&
    [ "$1" -nt "$scripts/shadowplane" ]
}

# Reads the flows of a capture, of the sample's frames again and again, with timeouts that end some.
aot_make_commands() {
  local work frames
  [ -d "$scripts/../control/target/lib" ] || return 0
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-aot.XXXXXX")
  cp "$scripts/lab/sample.pcap" "$work/capture.pcap"
  for ((frames = 0; frames < 1000; frames++)); do tail -c +25 "$scripts/lab/sample.pcap"; done >>"$work/capture.pcap"
  rm -f "$commands_aot"
  SHADOWPLANE_JVM_FLAGS="-XX:AOTCacheOutput=$work/commands.aot -Xlog:aot*=off" "$scripts/shadowplane" flows --pcap "$work/capture.pcap" \
    --idle-timeout 10ms --active-timeout 50ms --format json >/dev/null 2>"$work/log" || true
  if [ -s "$work/commands.aot" ]; then mv "$work/commands.aot" "$commands_aot"; else warn "no cache was made, commands start slower: $(tail -n 1 "$work/log")"; fi
  rm -rf "$work"
}

# Runs the data plane between devices in memory and lets the JVM write down what it loaded and compiled.
aot_make_dataplane() {
  local work training waited
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/shadowplane-aot.XXXXXX")
  cat >"$work/dataplane.yaml" <<END
directory: $work/run
state: $work/state
eal: { hugepages: none, memory-mb: 128 }
mbufs: 4095
ports:
  - { name: source, device: net_null }
  - { name: sink, device: "net_null,no-rx=1" }
workers: [{ forward: [[source, sink]] }]
journal: { directory: $work/journal, ring-bytes: 65536 }
rules: [{ name: all, percent: 1, targets: [journal] }]
END
  SHADOWPLANE_JVM_FLAGS="-XX:AOTCacheOutput=$work/dataplane.aot -Xlog:aot*=off" RUNTIME_DIRECTORY=$work \
    "$scripts/shadowplane" dataplane --config "$work/dataplane.yaml" >"$work/log" 2>&1 &
  training=$!
  for ((waited = 0; waited < 600; waited++)); do
    grep -q "shadowplane dataplane ready" "$work/log" && break
    kill -0 "$training" 2>/dev/null || break
    sleep 0.1
  done
  sleep 1 # what happens once a second is part of it
  kill "$training" 2>/dev/null || true
  wait "$training" || true
  if [ -s "$work/dataplane.aot" ]; then mv "$work/dataplane.aot" "$dataplane_aot"; else warn "no cache was made, the data plane starts slower: $(tail -n 1 "$work/log")"; fi
  rm -rf "$work"
}
