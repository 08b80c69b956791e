# shellcheck shell=bash disable=SC2154
# Sourced, after messages.sh: the ahead-of-time cache with which the data plane starts faster (JEP 483, 515). It
# belongs to the jar, the JDK and the flags it was made with; the JVM ignores another one.
aot_cache=$scripts/../dataplane/target/dataplane.aot

aot_is_current() {
  [ -e "$aot_cache" ] && [ -z "$(find "$scripts/../dataplane/target" -maxdepth 2 -name '*.jar' -newer "$aot_cache" -print -quit)" ] &&
    [ "$aot_cache" -nt "$scripts/shadowplane" ]
}

# Runs the data plane between devices in memory and lets the JVM write down what it loaded and compiled.
aot_make() {
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
  if [ -s "$work/dataplane.aot" ]; then mv "$work/dataplane.aot" "$aot_cache"; else warn "no cache was made, the data plane starts slower: $(tail -n 1 "$work/log")"; fi
  rm -rf "$work"
}
