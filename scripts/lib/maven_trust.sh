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
