#!/usr/bin/python3
"""An 802.1Q sub-interface for kernels built without one: vlan_tap.py PARENT VLAN_ID NAME.

Makes the tap interface NAME in this network namespace and joins it to the packets of PARENT that carry the tag, until
SIGTERM. Prints "ready" when the interface exists.
"""
import fcntl
import os
import select
import signal
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x2, 0x1000
ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 0x3, 263, 8, 23
TP_STATUS_VLAN_VALID = 0x10
AUXDATA = struct.Struct("=IIIHHHH")  # struct tpacket_auxdata: status, len, snaplen, mac, net, vlan_tci, vlan_tpid


def main(parent, vlan_id, name):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    wire.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    wire.bind((parent, ETH_P_ALL))
    tag = struct.pack("!HH", 0x8100, vlan_id)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([tap, wire], [], [])
        if tap in readable:
            frame = os.read(tap, 65535)
            try:
                wire.send(frame[:12] + tag + frame[12:])
            except OSError:
                pass  # the parent is down or its queue is full: lost, as on a wire
        if wire in readable:
            try:
                frame, control, _, _ = wire.recvmsg(65535, socket.CMSG_SPACE(AUXDATA.size))
            except OSError:
                continue
            for level, kind, data in control:
                if level == SOL_PACKET and kind == PACKET_AUXDATA:
                    status, *_, tci, _ = AUXDATA.unpack(data[: AUXDATA.size])
                    if status & TP_STATUS_VLAN_VALID and tci & 0xFFF == vlan_id:
                        try:
                            os.write(tap, frame)
                        except OSError:
                            pass  # the tap is down


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
