# shellcheck shell=bash disable=SC2034,SC2154
# Flows of a capture file, 5 M frames of 341 bytes on average, from start to end of the process; the peers are nfpcapd, softflowd and tshark.
against=nfpcapd ratio_of=seconds

ours() {
  flows_capture
  timed run "$scripts/shadowplane" flows --pcap "$flows_capture" --format json >"$run_work/flows.json" ||
    fail "the flows cannot be read: see above"
  figures=$(jq -cn --argjson us "$took_us" '{seconds: ($us / 1e6)}')
}

# tshark takes long: once a call of peers.sh.
peer() {
  local nfpcapd softflowd
  flows_capture
  mkdir "$run_work/nfpcapd"
  timed run nfpcapd -r "$flows_capture" -l "$run_work/nfpcapd" >/dev/null 2>&1 || fail "nfpcapd has failed"
  nfpcapd=$took_us
  timed run softflowd -r "$flows_capture" -v 10 -m 200000 -n 127.0.0.1:9 >/dev/null 2>&1 || fail "softflowd has failed"
  softflowd=$took_us
  if [ -z "${flows_tshark_us-}" ]; then
    timed run tshark -n -q -r "$flows_capture" -z conv,tcp >/dev/null 2>&1 || fail "tshark has failed"
    flows_tshark_us=$took_us
  fi
  figures=$(jq -cn --argjson nfpcapd "$nfpcapd" --argjson softflowd "$softflowd" --argjson tshark "$flows_tshark_us" \
    '{seconds: ($nfpcapd / 1e6), softflowd_seconds: ($softflowd / 1e6), tshark_seconds: ($tshark / 1e6)}')
}

timed() { # the command $@; $took_us is how long it took
  local began=${EPOCHREALTIME/./} status=0
  "$@" || status=$?
  took_us=$((${EPOCHREALTIME/./} - began))
  return "$status"
}

flows_capture() { # made once; in memory before each run
  flows_capture=$work/conversations.pcap
  [ -f "$flows_capture" ] || run "$scripts/shadowplane" benchmark "$(program WriteConversations)" --file "$flows_capture" \
    --frames 5000000 --pps 83333 || fail "the capture could not be written: see above"
  cat "$flows_capture" >/dev/null
}
