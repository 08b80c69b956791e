# shellcheck shell=bash
# Sourced, after messages.sh: what systemd does by Restart=on-abnormal, for hosts and containers without it.
supervise() { # runs $2..., called $1, again whenever a signal or an error of the JVM ends it; ends with it otherwise
  local name=$1 child='' status started delay=0
  shift
  trap 'trap "" TERM INT; [ -z "$child" ] || { kill "$child" 2>/dev/null; wait "$child"; }; exit' TERM INT
  while :; do
    started=$SECONDS
    "$@" &
    child=$!
    status=0
    { wait "$child" || status=$?; } 2>/dev/null
    # 0 done, 1 failed, 2 wrong usage or input: it has said why, and would say it again.
    [ "$status" -gt 2 ] || exit "$status"
    if [ $((SECONDS - started)) -ge 10 ]; then delay=0; fi
    if [ "$delay" = 0 ]; then
      warn "$name died (status $status): starting it again"
    else
      warn "$name died again (status $status): starting it in $delay s"
      sleep "$delay"
    fi
    delay=$((delay == 0 ? 1 : delay < 8 ? delay * 2 : 10))
  done
}
