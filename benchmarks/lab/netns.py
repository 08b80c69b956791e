#!/usr/bin/env python3
"""Asks a running provisioner, as control does: four bytes of length, then JSON.

  netns.py SOCKET create|delete|observe NETWORK [--vms N]

Prints how long it took, in milliseconds. The network has N VMs, each with a web server that has to pass its check.
"""
import argparse
import json
import socket
import struct
import sys
import time

SERVER = ("use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 16, LocalPort => 80, ReuseAddr => 1) or die $!;"
          "while (my $c = $s->accept) { while (<$c>) { last if /^\\r?$/ } print $c \"HTTP/1.0 200 OK\\r\\n\\r\\nok\"; close $c }")


def items(network, vms, feed):
    yield {"item": "network", "network": network, "feed": feed,
           "segments": [{"name": "front", "prefixes": ["10.77.0.0/16", "fd77::/64"], "gateways": ["10.77.0.1", "fd77::1"]}]}
    any_tcp = [{"allow": True, "protocol": "TCP", "peers": []}]
    for i in range(vms):
        host = i + 10
        yield {"item": "vm", "network": network, "vm": f"web-{i}", "cpus": 1.0, "memoryBytes": 64 << 20,
               "nics": [{"name": "eth0", "segment": "front", "mac": f"02:77:00:00:{host >> 8:02x}:{host & 255:02x}",
                         "addresses": [f"10.77.{host >> 8}.{host & 255}/16", f"fd77::{host:x}/64"],
                         "routes": [{"destination": "0.0.0.0/0", "via": "10.77.0.1"}]}],
               "ingress": any_tcp, "egress": any_tcp, "observer": False}
        yield {"item": "service", "network": network, "vm": f"web-{i}", "service": "web", "port": 80,
               "command": ["/usr/bin/perl", "-e", SERVER], "environment": {},
               "check": {"kind": "HTTP", "path": "/", "timeoutMs": 1000}}


class Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def ask(self, message):
        text = json.dumps(message).encode()
        self.socket.sendall(struct.pack(">I", len(text)) + text)

    def answer(self):
        head = self.file.read(4)
        if len(head) < 4:
            sys.exit("netns.py: the provisioner ended the connection")
        answer = json.loads(self.file.read(struct.unpack(">I", head)[0]))
        if answer["message"] == "refused":
            sys.exit(f"netns.py: {answer['reason']}")
        return answer


def carry_out(path, network, steps):
    connection = Connection(path)
    connection.ask({"message": "carry-out", "network": network, "steps": steps})
    failed = []
    while (answer := connection.answer())["message"] != "finished":
        if answer["message"] == "failed":
            failed.append(f"{answer['key']['kind']} {answer['key']['name']}: {answer['reason']}")
    if failed:
        sys.exit("netns.py: " + "; ".join(failed))


def observe(path, network):
    connection = Connection(path)
    connection.ask({"message": "observe", "network": network})
    return connection.answer()["observed"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("socket")
    parser.add_argument("job", choices=["create", "delete", "observe"])
    parser.add_argument("network")
    parser.add_argument("--vms", type=int, default=10)
    parser.add_argument("--feed", action="store_true")
    arguments = parser.parse_args()
    path, network = arguments.socket, arguments.network
    steps = []
    if arguments.job == "create":
        steps = [{"step": "put", "item": item} for item in items(network, arguments.vms, arguments.feed)]
    begin = time.monotonic()
    if arguments.job == "create":
        carry_out(path, network, steps)
    else:
        observed = observe(path, network)
        if arguments.job == "delete":
            carry_out(path, network, [{"step": "delete", "key": found["key"]} for found in observed])
        else:
            deviating = [found for found in observed if found["deviations"] or not found["passing"]]
            if deviating:
                sys.exit("netns.py: " + "; ".join(f"{found['key']['name']}: {found['deviations']}" for found in deviating))
    print(f"{(time.monotonic() - begin) * 1000:.0f}")


main()
