#!/usr/bin/python3
"""The far ends of the guest's three wires: sends frames into two of them, and compares what comes out, byte by byte.

wires.py exchange FOLDER FRAMES SEED KIND       every frame sent leaves once on the other wire and once on the shadow's
wires.py silent FOLDER FRAMES SEED KIND         frames of the kind are not forwarded (one that is forwarded is sent last)
wires.py journal FILE.pcapng FRAMES SEED KIND   the journal's export holds each frame of such an exchange once

KIND  own        to the address of the virtual function behind the wire, from addresses that it does not have
      foreign    to an address that is nobody's
No frame goes to all or to a group: the emulated NIC gives a function its own broadcasts back, which a real one does not, and
knows no promiscuous mode for groups.
FOLDER has the sockets wire0, wire1 and wire2 (the shadow's), .guest and .host of each. Frames are the same for the same seed.
Exit status: 0 as it must be, 1 not (one line for each difference), 2 wrong usage.
"""
import collections
import os
import random
import select
import socket
import struct
import sys
import time

ADDRESSES = [bytes.fromhex("020000000001"), bytes.fromhex("020000000002")]
NOBODY = bytes.fromhex("0200000000ff")
MARK = b"shadowplane frame "
WINDOW = 64
PATIENCE = 30  # seconds for all frames: the guest's processor is emulated


def frame(source, wire, number, kind):
    to = ADDRESSES[wire] if kind == "own" else NOBODY
    sender = b"\x06" + source.randbytes(5)
    mark = MARK + struct.pack("!BI", wire, number)
    payload = mark + source.randbytes(source.randint(0, 1400))
    if number % 3 == 2:
        body = b"\x88\xb5" + payload  # an Ethernet type for local experiments
    else:
        protocol = 17 if number % 3 else 6
        transport = struct.pack("!HHHH", 1024 + number % 5, 80, 8 + len(payload), 0) if protocol == 17 else (
            struct.pack("!HHIIBBHHH", 1024 + number % 5, 80, number, 0, 5 << 4, 0x10, 1024, 0, 0))
        body = struct.pack("!HBBHHHBBH4s4s", 0x0800, 0x45, 0, 20 + len(transport) + len(payload), number & 0xFFFF, 0, 64, protocol, 0,
                           socket.inet_aton("198.18.0.1"), socket.inet_aton("198.18.0.2")) + transport + payload
    return (to + sender + body).ljust(60, b"\0")


def frames(count, seed, kind):
    """Pairs of a wire and a frame that is sent into it, the wires in turn."""
    source = random.Random(seed)
    return [(number % 2, frame(source, number % 2, number, kind)) for number in range(count)]


class Wires:
    def __init__(self, folder):
        self.folder = folder
        self.sockets = []
        for wire in range(3):
            end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            end.bind(os.path.join(folder, f"wire{wire}.host"))
            end.setblocking(False)
            self.sockets.append(end)

    def send(self, wire, data):
        """Whether the NIC took it: it has room for a few, and for none while it is down."""
        try:
            self.sockets[wire].sendto(data, os.path.join(self.folder, f"wire{wire}.guest"))
            return True
        except BlockingIOError:
            return False

    def receive(self, seconds):
        """The wire and the bytes of each frame of ours that has come within some seconds, or nothing."""
        readable, _, _ = select.select(self.sockets, [], [], seconds)
        taken = [(self.sockets.index(end), end.recv(65536)) for end in readable]
        return [(wire, data) for wire, data in taken if MARK in data]

    def close(self):
        for wire, end in enumerate(self.sockets):
            end.close()
            os.unlink(os.path.join(self.folder, f"wire{wire}.host"))


def exchange(wires, sent, expected):
    """Sends what is in sent, a few at a time, until all that is expected has come; a Counter of what came by wire."""
    came = collections.Counter()
    left = collections.deque(sent)
    awaited = 0
    deadline = time.monotonic() + PATIENCE
    while (left or came.total() < expected.total()) and time.monotonic() < deadline:
        while left and awaited - came.total() < WINDOW:
            wire, data = left[0]
            if not wires.send(wire, data):
                break
            left.popleft()
            awaited += expected[1 - wire, data] + expected[2, data]
        came.update(wires.receive(0.01))
    # What comes although nothing should is in the guest by now, and follows the last frame that was expected.
    end = time.monotonic() + 1
    while time.monotonic() < end:
        came.update(wires.receive(0.2))
    return came


def differences(expected, came):
    name = ["the first wire", "the second wire", "the shadow's wire"]
    for what, verb in ((expected - came, "did not come"), (came - expected, "came and should not have")):
        for wire in sorted({wire for wire, _ in what}):
            count = sum(number for (at, _), number in what.items() if at == wire)
            data = next(data for at, data in what if at == wire)
            yield f"{count} frames {verb} on {name[wire]}, one of them {data[:48].hex()}..., {len(data)} bytes"


def packets(file):
    """The bytes of each packet of a pcapng file."""
    with open(file, "rb") as stream:
        while header := stream.read(8):
            kind, length = struct.unpack("<II", header)
            body = stream.read(length - 8)
            if kind == 6:
                captured = struct.unpack_from("<I", body, 12)[0]
                yield body[20 : 20 + captured]


def main(job, place, count, seed, kind):
    sent = frames(int(count), int(seed), kind)
    if job == "journal":
        expected = collections.Counter((2, data) for _, data in sent)
        came = collections.Counter((2, data) for data in packets(place) if MARK in data)
        came = collections.Counter({item: number for item, number in came.items() if item in expected})
    else:
        if job == "silent":
            expected, last = collections.Counter(), frames(2, int(seed) + 1, "own")
        else:
            expected, last = collections.Counter((1 - wire, data) for wire, data in sent), []
            expected += collections.Counter((2, data) for _, data in sent)
        expected += collections.Counter((1 - wire, data) for wire, data in last)
        expected += collections.Counter((2, data) for _, data in last)
        wires = Wires(place)
        try:
            came = exchange(wires, sent + last, expected)
        finally:
            wires.close()
    wrong = list(differences(expected, came))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
