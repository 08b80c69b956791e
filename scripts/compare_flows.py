#!/usr/bin/python3
"""Compares the flows of capture files with the conversations that tshark sees in them.

  scripts/compare_flows.py [--inner] FILE...             runs scripts/shadowplane flows on each FILE
  scripts/compare_flows.py [--inner] --flows JSON FILE   takes the flows of the one FILE from what that wrote

Packets and frame bytes of each direction have to be the same: of TCP and UDP with those of 'tshark -z conv,tcp -z conv,udp',
of IP with those of '-z conv,ip -z conv,ipv6' between each two addresses, summed over the flows into which timeouts split a
conversation. tshark rounds bytes to kB there: the exact ones are its frame.len, added up by the layers that it names.

tshark counts each header in a frame, flows the outermost IP (with --inner those within VXLAN and Geneve); datagrams in
fragments have their ports in one of them, and are compared by their addresses. Where tshark's tables are not the sum of its
headers, the headers count; a frame of more than 65,535 bytes with a fragment of IPv4 is told of as one of 65,535. A line a file says which of it was compared, or
why the file was left out. Exit status: 0 all that was compared is equal, 1 something differs, 2 wrong usage.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parent
FIELDS = (
    "frame.len frame.protocols ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport udp.srcport udp.dstport"
    " ip.flags.mf ip.frag_offset ipv6.fraghdr.nxt"
).split()
TRANSPORT = {"tcp": 6, "udp": 17}
# What may be in front of the IP header that a flow is of.
LINKS = {"eth", "ethertype", "vlan", "ieee8021ad", "sll", "raw", "null", "loop", "frame", "ethernet"}
CONVERSATION = re.compile(r"(\S+)\s+<->\s+(\S+)\s+(\d+) (\d+) (bytes|[kMG]B)\s+(\d+) (\d+) (bytes|[kMG]B)\s")
UNITS = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
MOST_DIFFERENCES = 5
MOST_FRAGMENT_BYTES = 65535  # that a record tells of a frame with a fragment of IPv4


class Sums(collections.defaultdict):
    """Packets and bytes by protocol and the two ends, in both directions."""

    def __init__(self):
        super().__init__(lambda: [0, 0, 0, 0])

    def add(self, protocol, source, destination, packets, frame_bytes):
        low, high = sorted((source, destination))
        at = 0 if source == low else 2
        sums = self[protocol, low, high]
        sums[at] += packets
        sums[at + 1] += frame_bytes

    def only(self, wanted):
        return {key: sums for key, sums in self.items() if wanted(key)}


class Refused(Exception):
    """Why a file is left out."""


def ours(capture, flows_file, inner):
    """The flows' sums, those between addresses, and why reading stopped before the end, if it did."""
    stopped = ""
    if flows_file:
        text = pathlib.Path(flows_file).read_text()
    else:
        command = [SCRIPTS / "shadowplane", "flows", "--pcap", capture, "--format", "json"] + ["--inner"] * inner
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode == 2:
            raise Refused(run.stderr.strip().removeprefix(f"shadowplane: {capture}: "))
        text = run.stdout
        stopped = run.stderr.strip()
    flows, hosts = Sums(), Sums()
    for flow in json.loads(text):
        for one, other, direction in (("src", "dst", "src_to_dst"), ("dst", "src", "dst_to_src")):
            packets, frame_bytes = flow[direction + "_packets"], flow[direction + "_bytes"]
            ends = [(flow[end + "_ip"], flow[end + "_port"]) for end in (one, other)]
            hosts.add("ip", ends[0][0], ends[1][0], packets, frame_bytes)
            if flow["protocol"] in TRANSPORT.values():
                flows.add(flow["protocol"], *ends, packets, frame_bytes)
    return flows, hosts, stopped


class Layers:
    """What tshark says about the frames of a capture."""

    def __init__(self, capture, inner):
        self.inner = inner
        self.every, self.every_hosts = Sums(), Sums()  # counting each header, as its conversations do
        self.flows, self.hosts = Sums(), Sums()  # counting what flows are of
        self.fragmented = set()  # conversations of which a datagram is in fragments
        self.beneath = collections.Counter()  # IP that flows are not of, by what carries it
        self.of_fragments = set()  # addresses of IPv6 fragments, which tshark's tables leave out
        self.cut = 0  # frames that flows count shorter than they are
        command = ["tshark", "-n", "-r", capture, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
        for field in FIELDS:
            command += ["-e", field]
        for table in ("tcp", "udp", "ip", "ipv6"):
            command += ["-z", f"conv,{table}"]
        run = subprocess.run(command, capture_output=True, text=True, errors="replace")
        frames, _, tables = run.stdout.partition("=" * 80)
        self.error = "" if run.returncode == 0 else run.stderr.strip().splitlines()[-1]
        for line in frames.splitlines():
            self.frame(dict(zip(FIELDS, line.split("\t"))))
        self.tables = tables

    def frame(self, fields):
        length = int(fields["frame.len"])
        values = {name: iter(filter(None, fields[name].split(","))) for name in FIELDS[2:10]}
        fragment = (
            "1" in fields["ip.flags.mf"]
            or any(int(at) for at in filter(None, fields["ip.frag_offset"].split(",")))
            or fields["ipv6.fraghdr.nxt"] != ""
        )
        wanted_depth = 1 if self.inner and {"vxlan", "geneve"} & set(fields["frame.protocols"].split(":")) else 0
        depth, hosts, carriers, quoted = -1, None, [], False
        for layer in fields["frame.protocols"].split(":"):
            if layer in ("ip", "ipv6"):
                hosts = (next(values[layer + ".src"], None), next(values[layer + ".dst"], None))
                if None in hosts:
                    return
                depth += 1
                counted = depth == wanted_depth and (wanted_depth or set(carriers) <= LINKS) and not quoted
                if fields["ipv6.fraghdr.nxt"] and layer == "ipv6":
                    self.of_fragments.add(tuple(sorted(hosts)))
                if not quoted:
                    self.every_hosts.add("ip", *hosts, 1, length)
                if counted:
                    told = min(length, MOST_FRAGMENT_BYTES) if fragment and layer == "ip" else length
                    self.cut += told < length
                    self.hosts.add("ip", *hosts, 1, told)
                elif depth == 0:
                    self.beneath[":".join(name for name in carriers if name not in LINKS)] += 1
                direct = True
            elif layer in TRANSPORT and hosts:
                ports = (next(values[layer + ".srcport"], None), next(values[layer + ".dstport"], None))
                if None in ports or quoted:
                    continue
                ends = [(host, int(port)) for host, port in zip(hosts, ports)]
                self.every.add(TRANSPORT[layer], *ends, 1, length)
                if counted and direct:
                    self.flows.add(TRANSPORT[layer], *ends, 1, length)
                    if fragment:
                        self.fragmented.add((TRANSPORT[layer], *sorted(ends)))
                direct = False
            elif hosts and not layer.startswith("ipv6.") and layer != "ah":
                direct = False
            quoted |= layer in ("icmp", "icmpv6")
            carriers.append(layer)

    def misread(self, flows, hosts):
        """Where these sums, added up, are not what tshark's own tables say."""
        table, shown = None, {"TCP": Sums(), "UDP": Sums(), "IP": Sums()}
        for line in self.tables.splitlines():
            if line.endswith(" Conversations"):
                table = "IP" if line.startswith("IP") else line.split()[0]
            match = CONVERSATION.match(line)
            if match:
                left, right, back, back_bytes, back_unit, sent, sent_bytes, sent_unit = match.groups()
                if table != "IP":
                    left, right = ((end.rpartition(":")[0], int(end.rpartition(":")[2])) for end in (left, right))
                shown[table].add(table, left, right, int(sent), int(sent_bytes) * UNITS[sent_unit])
                shown[table].add(table, right, left, int(back), int(back_bytes) * UNITS[back_unit])
        for name, protocol, mine in (("TCP", 6, flows), ("UDP", 17, flows), ("IP", "ip", hosts)):
            added = {key[1:]: sums for key, sums in mine.items() if key[0] == protocol}
            said = {key[1:]: sums for key, sums in shown[name].items()}
            for key in (added.keys() | said.keys()) - self.of_fragments:
                ours_, theirs = added.get(key, [0] * 4), said.get(key, [0] * 4)
                rounded = all(theirs[at] <= ours_[at] <= theirs[at] * 1.1 + 1000 for at in (1, 3))
                if (ours_[0], ours_[2]) != (theirs[0], theirs[2]) or not rounded:
                    return f"{name} {key[0]} <-> {key[1]}: {ours_} by headers, {theirs} in the table"
        return ""


def differences(mine, theirs):
    found = []
    for key in sorted(mine.keys() | theirs.keys(), key=str):
        if mine.get(key, [0] * 4) != theirs.get(key, [0] * 4):
            found.append(f"  {key[0]} {key[1]} {key[2]}: flows {mine.get(key)}, tshark {theirs.get(key)}")
    return found


def compare(capture, flows_file, inner):
    """What is to be said about a file, and whether it is equal: None when it was left out."""
    try:
        flows, hosts, stopped = ours(capture, flows_file, inner)
    except Refused as reason:
        return f"left out: {reason}", None
    layers = Layers(capture, inner)
    if bool(stopped) != bool(layers.error):
        return f"left out: reading stops elsewhere: ours '{stopped}', tshark '{layers.error}'", None
    notes = []
    if layers.fragmented:
        notes.append(f"{len(layers.fragmented)} conversations with fragments by their addresses")
    if layers.beneath:
        notes.append("no flows of IP beneath " + ", ".join(sorted(layers.beneath)))
    if dict(layers.every) != dict(layers.flows) or dict(layers.every_hosts) != dict(layers.hosts):
        notes.append("tshark counts headers within as well")
    if layers.cut:
        notes.append(f"{layers.cut} frames of more than {MOST_FRAGMENT_BYTES} bytes with fragments count as so many")
    if layers.of_fragments:
        notes.append("fragments of IPv6 by tshark's headers, as its tables leave them out")
    misread = layers.misread(layers.every, layers.every_hosts)
    if misread and not layers.misread(flows, hosts):
        return "equal: as far as tshark's tables say, which are not the sum of its headers", True
    whole = lambda key: key not in layers.fragmented and key[1][1] + key[2][1] > 0
    found = differences(flows.only(whole), layers.flows.only(whole)) + differences(dict(hosts), dict(layers.hosts))
    said = f"{len(layers.flows)} conversations of TCP and UDP, {len(layers.hosts)} of IP" + "".join("; " + n for n in notes)
    if found and misread:
        return f"left out: tshark's tables are not the sum of its headers: {misread}", None
    if misread:
        said += f"; by tshark's headers, of which its tables are not the sum: {misread}"
    if found:
        return "\n".join([f"DIFFERENT: {said}"] + found[:MOST_DIFFERENCES]), False
    return f"equal: {said}", True


def main(arguments):
    inner, flows_file = False, None
    while arguments and arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option == "--inner":
            inner = True
        elif option == "--flows" and len(arguments) == 2:
            flows_file = arguments.pop(0)
        elif option == "--help":
            print(__doc__.strip())
            return 0
        else:
            arguments = []
    if not arguments:
        print("shadowplane: name capture files; see --help", file=sys.stderr)
        return 2
    results = []
    for capture in arguments:
        said, equal = compare(capture, flows_file, inner)
        results.append(equal)
        print(f"{capture}: {said}", flush=True)
    counts = collections.Counter(results)
    print(f"equal {counts[True]}, different {counts[False]}, left out {counts[None]}")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
