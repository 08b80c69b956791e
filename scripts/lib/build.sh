# shellcheck shell=bash disable=SC2154
# Sourced, after processes.sh: builds what the launcher runs, when it is not there or older than its sources.
build_is_current() { # whether the modules $@ are built
  local jar module sources=("$scripts/../ffi-bindings/src/main")
  for module in "$@"; do sources+=("$scripts/../$module/src/main"); done
  for module in "$@"; do
    jar=$(find "$scripts/../$module/target" -maxdepth 1 -name "$module-*.jar" ! -name '*-tests.jar' 2>/dev/null | head -n 1)
    if [ -z "$jar" ] || [ ! -d "$scripts/../$module/target/lib" ]; then return 1; fi
    [ -z "$(find "${sources[@]}" -newer "$jar" -type f -print -quit)" ] || return 1
    [ -z "$(find "$scripts/.." -maxdepth 2 -name pom.xml -newer "$jar" -print -quit)" ] || return 1
  done
}

build_if_stale() { # the modules $@, by default those of the product
  local module
  [ $# -gt 0 ] || set -- dataplane control
  if build_is_current "$@"; then return 0; fi
  say "building (the first time, Maven fetches its libraries: a few minutes)"
  run "$scripts/../mvnw" -B -q -f "$scripts/../pom.xml" -pl "$(IFS=,; echo "$*")" -am package -DskipTests || fail "the build failed: see above"
  # Maven leaves a jar as it is when its content would be the same: it is current all the same.
  for module in "$@"; do touch "$scripts/../$module/target/$module"-*.jar; done
  "$scripts/shadowplane" prepare
}
