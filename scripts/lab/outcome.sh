# shellcheck shell=bash disable=SC2154
# Sourced, after planes.sh: what a run has come to. The report, the summary, and whether everything arrived.
write_report() { # $1 the file; from stat.json, flows.json, export.json and checks.json
  jq -L "$scripts/lab" --slurpfile flows "$lab_work/flows.json" --slurpfile export "$lab_work/export.json" \
    --slurpfile checks "$lab_work/checks.json" --arg pcapng "$lab_pcapng" --arg mode "$lab_mode" \
    'include "report"; {mode: $mode} + report($flows[0]; $export[0]; $pcapng) + $checks[0]' "$lab_work/stat.json" >"$1"
}

print_summary() { # of the report $1
  jq -r '
    def amount: if . == null then "not measured" else tostring end;
    "forwarded   \(.forwarded_packets) packets, \(.flows) flows",
    "mirrored    \(.mirrored_packets) packets\(if .shadow_received_packets then ", \(.shadow_received_packets) seen in the shadow network" else "" end)",
    "shed        \([.shed_packets | to_entries[] | select(.value > 0) | "\(.value) \(.key)"] | if length == 0 then "nothing" else join(", ") end)",
    "journaled   \(.journaled_packets) packets, \(.exported_packets) exported to \(.pcapng)",
    "latency     \(.latency_ns | "p50 \(.p50 | amount), p99 \(.p99 | amount), p99.9 \(.["p99.9"] | amount), max \(.max | amount)") ns",
    "allocated   \(.allocated_bytes_per_packet | amount) bytes a packet",
    (.traffic // [] | .[] | "\(.name + "            " | .[:12])\(.ok) transfers arrived intact, \(.bad) did not\(if .packets then "; \(.packets) datagrams, \(.lost) lost" else "" end)"),
    (.standby_dropped_packets as $dropped | .shop | select(.) |
      "shadow      \(.sessions.driven) of \(.sessions.seen) sessions driven, \(.requests.compared) answers compared, \(.differences) differ; \($dropped) packets of its own dropped")
  ' "$1"
  if [ -s "$lab_work/differences.txt" ]; then cat "$lab_work/differences.txt"; fi
}

# Prints, one a line, what did not go as it must; nothing when all is well.
problems() { # of the report $1
  jq -r '
    (select(.forwarded_packets == 0) | "no packet was forwarded"),
    (.traffic // [] | .[] | select(.bad > 0) | "\(.name): \(.bad) transfers failed or arrived damaged"),
    (.traffic // [] | .[] | select(.ok == 0) | "\(.name): no transfer arrived"),
    (select(.outgoing_equal == false) | "the frames that left are not those of the capture"),
    (select(.mirrored_packets == 0) | "no packet was mirrored"),
    (select(.shadow_received_packets != .mirrored_packets) |
      "\(.mirrored_packets) packets were mirrored and \(.shadow_received_packets) seen in the shadow network"),
    (.shop | select(.) |
      (select(.requests.compared == 0) | "no answer of the shadow of the shop was compared"),
      (select(.differences == 0) | "the shadow of the shop no longer sells every item, and answered as production did"),
      (.unexpected[] | "the shadow of the shop answered otherwise than it was told to: \(.)"),
      (select(.control_capabilities != 0) | "control has capabilities")),
    (select(.exported_packets != .journaled_packets) |
      "\(.journaled_packets) packets were journaled and \(.exported_packets) exported")
  ' "$1"
}
