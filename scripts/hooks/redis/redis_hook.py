"""What the hooks for Redis share: a connection, the records of the stream, and where the two servers are.

A server is found by REDIS_FROM or REDIS_TO, HOST:PORT or the path of a Unix socket; without them by the socket redis.sock in
the folder SHADOWPLANE_FROM or SHADOWPLANE_TO. REDIS_FROM_PASSWORD and REDIS_TO_PASSWORD are sent if set.
"""

import os
import socket
import sys
import time

# Where the target keeps which version it holds: a hash with the fields version and owner, in database 0.
KEY = b"shadowplane:replication"
UNKNOWN_VERSION = 3


class RedisError(Exception):
    """What the server answered with a minus."""


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def encode(*arguments):
    """A command as the server reads it."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        argument = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(argument), argument))
    return b"".join(parts)


class Redis:
    """A connection; the bytes that it consumes are counted."""

    def __init__(self, address, password=None, timeout=20):
        try:
            if "/" in address:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.settimeout(timeout)
                self.socket.connect(address)
            else:
                host, _, port = address.rpartition(":")
                self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout)
        except (OSError, ValueError) as e:
            fail(f"no Redis at {address}: {e}")
        self.address = address
        self.buffer = b""
        self.consumed = 0
        if password:
            self.call("AUTH", password)

    @staticmethod
    def of(end):
        """The server of the end, FROM or TO."""
        folder = os.environ.get(f"SHADOWPLANE_{end}", "")
        address = os.environ.get(f"REDIS_{end}") or (folder and os.path.join(folder, "redis.sock"))
        if not address:
            fail(f"neither REDIS_{end} nor SHADOWPLANE_{end} says where Redis is")
        return Redis(address, os.environ.get(f"REDIS_{end}_PASSWORD"))

    def fill(self):
        data = self.socket.recv(1 << 16)
        if not data:
            fail(f"Redis at {self.address} closed the connection")
        self.buffer += data

    def line(self):
        end = self.buffer.find(b"\r\n")
        while end < 0:
            self.fill()
            end = self.buffer.find(b"\r\n")
        line = self.buffer[:end]
        self.take(end + 2)
        return line

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        self.consumed += count
        return taken

    def reply(self):
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            return RedisError(rest.decode(errors="replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.take(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        fail(f"Redis at {self.address} answered what is no reply: {line[:80]!r}")

    def send(self, data):
        self.socket.sendall(data)

    def call(self, *arguments):
        self.send(encode(*arguments))
        reply = self.reply()
        if isinstance(reply, RedisError):
            fail(f"Redis at {self.address} refused {arguments[0]}: {reply}")
        return reply

    def info(self, section):
        lines = self.call("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)


def record(kind, version, payload=b"", time_ns=None):
    head = f"{kind} {version} {time_ns or time.time_ns()} {len(payload)}\n"
    sys.stdout.buffer.write(head.encode() + payload)


def flush():
    sys.stdout.buffer.flush()
