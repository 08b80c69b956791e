# shellcheck shell=sh disable=SC2015
# Sourced: sets JAVA_HOME to a JDK 25 or later. Looks at JAVA_HOME, then at PATH, then in the usual places; says in one
# line how to get one when there is none. POSIX sh, because mvnw sources it too.
jdk_release() { # the feature release of the JDK in $1, or 0
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || { echo 0; return; }
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk() {
  set +f
  for candidate in "${JAVA_HOME-}" "$(command -v javac >/dev/null 2>&1 && dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" \
    /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/jdk* /opt/java/* "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/*; do
    [ -n "$candidate" ] && [ "$(jdk_release "$candidate")" -ge 25 ] 2>/dev/null || continue
    JAVA_HOME=$candidate
    export JAVA_HOME
    return 0
  done
  echo "shadowplane: no JDK 25 found in JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman or ~/.jdks: install Temurin 25 (package temurin-25-jdk) or set JAVA_HOME" >&2
  return 1
}
find_jdk || exit 1
