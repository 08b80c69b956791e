# Sourced by mvnw, after jdk.sh. POSIX sh.
# A JDK whose certificates lie where nothing was installed (a link to /etc/ssl/certs/java/cacerts that leads nowhere) trusts
# nobody: Maven then gets the system's certificates.
if [ ! -e "$JAVA_HOME/lib/security/cacerts" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
  trust_store=${HOME:-/tmp}/.m2/shadowplane-cacerts.p12
  [ -s "$trust_store" ] || "$JAVA_HOME/bin/java" "$(dirname "$0")/scripts/lib/TrustStore.java" \
    /etc/ssl/certs/ca-certificates.crt "$trust_store" || exit 1
  MAVEN_OPTS="${MAVEN_OPTS-} -Djavax.net.ssl.trustStore=$trust_store -Djavax.net.ssl.trustStorePassword=changeit"
  export MAVEN_OPTS
fi

# Maven's own libraries use what JDK 25 warns of. Not in .mvn/jvm.config: a JVM that does not know the option would not start,
# and could not say which JDK is needed.
MAVEN_OPTS="${MAVEN_OPTS-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
export MAVEN_OPTS
