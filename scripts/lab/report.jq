# The one place that maps the data plane's counters to the keys of the report.
# Input: the output of `shadowplane stat --format json`.

def counters($pattern): [.counters[] | .label |= sub("@[0-9]+$"; "") | select(.label | test($pattern))];
def total($pattern): [counters($pattern)[].value] | add // 0;
def worst($pattern): [counters($pattern)[].value] | max;

def forwarded: total("^port\\.[^.]+\\.tx-packets$");
def mirrored: total("^rule\\.lab\\.mirrored\\.port:");
def standby_dropped: total("^port\\.[^.]+\\.standby-dropped-packets$");
def journaled: total("^journal\\.frames$");
def allocated_bytes: [counters("^worker\\.[0-9]+\\.allocated-bytes$")[].value] | add; # null when it was not measured

# {"TARGET.REASON": packets}: what a rule chose and its target did not get, then production that a port did not take, then
# packet records that analytics did not get.
def shed:
  (counters("^rule\\..+\\.shed\\.") | map({key: (.label | capture("\\.shed\\.(?<rest>.+)$").rest), value}))
  + (counters("^port\\.[^.]+\\.shed\\.") | map({key: ("production." + (.label | capture("\\.shed\\.(?<rest>.+)$").rest)), value}))
  + (counters("^records\\.[0-9]+\\.shed$") | map({key: "records.ring-full", value}))
  | group_by(.key) | map({key: .[0].key, value: (map(.value) | add)}) | from_entries;

def latency_ns: {
  p50: worst("^worker\\.[0-9]+\\.latency-p50-ns$"),
  p99: worst("^worker\\.[0-9]+\\.latency-p99-ns$"),
  "p99.9": worst("^worker\\.[0-9]+\\.latency-p99\\.9-ns$"),
  max: worst("^worker\\.[0-9]+\\.latency-max-ns$")
};

# What `--live` prints each second, and `settled` compares.
def live: {forwarded: forwarded, mirrored: mirrored, shed: ([shed[]] | add // 0), journaled: journaled};

def report($flows; $export; $pcapng): {
  forwarded_packets: forwarded,
  mirrored_packets: mirrored,
  shed_packets: shed,
  standby_dropped_packets: standby_dropped,
  journaled_packets: journaled,
  exported_packets: $export.frames,
  pcapng: $pcapng,
  flows: (if ($flows | type) == "array" then ($flows | length)
          else ($flows.activeFlows // $flows.active_flows // ($flows.flows | length) | tonumber) end),
  allocated_bytes_per_packet: (if forwarded > 0 and allocated_bytes != null then allocated_bytes / forwarded else null end),
  latency_ns: latency_ns
};
