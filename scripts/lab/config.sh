# shellcheck shell=bash disable=SC2154
# Sourced, after network.sh: the configuration files of a run. What the rule matches is mirrored, to the port *mirror* and to
# the journal; everything else is forwarded only.
lab_config() { # $1: hugepages (auto or none); $2 $3 $4: the devices of client, server and mirror; $5: the rule's match;
  # $6 $7: further ports, and pairs of them
  cat >"$lab_work/dataplane.yaml" <<END
directory: $lab_shared
state: $lab_work/state
eal: { hugepages: $1, memory-mb: 256 }
mbufs: 32768
ports:
  - { name: client, device: "$2" }
  - { name: server, device: "$3" }
  - { name: mirror, device: "$4" }
${6-}
workers:
  - core: $(worker_cpu)
    forward: [[client, server]${7-}]
records: true
journal: { directory: $lab_work/journal }
rules:
  - name: lab
    priority: 10
    match: { $5 }
    percent: 100
    targets: [ "port:mirror", journal ]
END
  cat >"$lab_work/control.yaml" <<END
directory: $lab_shared
state: $lab_work/state-control
listen: 127.0.0.1:$(free_tcp_port)
END
  export SHADOWPLANE_CONTROL_CONFIG=$lab_work/control.yaml
}

free_tcp_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
