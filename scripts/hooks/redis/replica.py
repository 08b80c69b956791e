"""The source's side: a replica of the primary that passes on what the primary tells its replicas."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

from redis_hook import KEY, UNKNOWN_VERSION, Redis, RedisError, encode, fail, flush, record

ACK_SECONDS = 1.0
MARK_SECONDS = 3.0
BATCH_KEYS = 100


class Replica:
    """Follows the primary from a version, REPLICATION-ID:OFFSET:DATABASE, on."""

    def __init__(self):
        self.redis = Redis.of("FROM")
        self.redis.call("REPLCONF", "capa", "psync2")
        self.id, self.base, self.database = "", 0, 0

    @property
    def offset(self):
        return self.base + self.redis.consumed

    @property
    def version(self):
        return f"{self.id}:{self.offset}:{self.database}"

    def resume(self, version):
        """Goes on after a version; ends with UNKNOWN_VERSION if the primary does not remember what came after it."""
        try:
            self.id, offset, database = version.split(":")
            self.base, self.database = int(offset), int(database)
        except ValueError:
            fail(f"'{version}' is no version")
        self.redis.send(encode("PSYNC", self.id, self.base + 1))
        answer = self.first_line()
        if not answer.startswith(b"+CONTINUE"):
            print(f"the primary does not remember what came after {version}", file=sys.stderr)
            sys.exit(UNKNOWN_VERSION)
        if len(answer.split()) > 1:
            self.id = answer.split()[1].decode()
        self.redis.consumed = 0

    def snapshot(self, folder):
        """Has the primary write its whole state at one moment to the file dump.rdb in the folder."""
        self.redis.send(encode("PSYNC", "?", "-1"))
        answer = self.first_line().split()
        if len(answer) != 3 or answer[0] != b"+FULLRESYNC":
            fail(f"the primary did not begin a full synchronisation: {b' '.join(answer)[:100]!r}")
        self.id, self.base, self.database = answer[1].decode(), int(answer[2]), 0
        left = int(self.first_line()[1:])
        with open(os.path.join(folder, "dump.rdb"), "wb") as file:
            while left > 0:
                if not self.redis.buffer:
                    self.redis.fill()
                part = self.redis.take(min(left, len(self.redis.buffer)))
                file.write(part)
                left -= len(part)
                alive()
        self.redis.consumed = 0

    def first_line(self):
        """The next line; the primary sends empty ones while it prepares."""
        line = b""
        while not line:
            alive()
            while b"\n" not in self.redis.buffer:
                self.redis.fill()
            at = self.redis.buffer.index(b"\n")
            line = self.redis.take(at + 1).strip()
        return line

    def acknowledge(self):
        self.redis.send(encode("REPLCONF", "ACK", self.offset))

    def primary_offset(self):
        return int(self.control().info("replication")["master_repl_offset"])

    def control(self):
        """A connection of its own for questions: this one is the replica's."""
        if not hasattr(self, "questions"):
            self.questions = Redis.of("FROM")
        return self.questions

    def until(self, offset):
        """Passes on what there is up to an offset."""
        while self.offset < offset:
            self.command()
        record("mark", self.version)
        flush()

    def follow(self):
        """Passes on for ever; answers barriers that are asked for on standard input."""
        barriers = []
        asked = b""
        acknowledged = marked = time.monotonic()
        while True:
            now = time.monotonic()
            if now - acknowledged >= ACK_SECONDS:
                self.acknowledge()
                acknowledged = now
            if now - marked >= MARK_SECONDS:
                record("mark", self.version)
                marked = now
            while barriers and self.offset >= barriers[0][0]:
                record("barrier", barriers.pop(0)[1])
            if self.redis.buffer:
                self.command()
                continue
            flush()
            ready, _, _ = select.select([self.redis.socket, sys.stdin], [], [], 0.5)
            if sys.stdin in ready:
                data = os.read(sys.stdin.fileno(), 4096)
                if not data:
                    return
                asked += data
                *lines, asked = asked.split(b"\n")
                for line in lines:
                    barriers.append((self.primary_offset(), line.split()[-1].decode()))
            if self.redis.socket in ready:
                self.redis.fill()

    def command(self):
        """Passes on one command of the primary, or all of a transaction; what is no change is swallowed."""
        changes = []
        inside = False
        while True:
            command = self.redis.reply()
            if not isinstance(command, list) or not command:
                continue  # An empty line, by which the primary says that it lives.
            name = command[0].upper()
            if name == b"SELECT":
                self.database = int(command[1])
            elif name == b"MULTI":
                inside = True
            elif name == b"EXEC":
                inside = False
            elif name not in (b"PING", b"REPLCONF"):
                changes.append(encode(*command))
            if not inside:
                break
        if changes:
            record("change", self.version, encode("SELECT", self.database) + b"".join(changes))


def alive(state={"said": 0.0}):
    """Says, at most once a second, that this hook lives while it has nothing to tell yet."""
    if time.monotonic() - state["said"] >= ACK_SECONDS:
        state["said"] = time.monotonic()
        record("mark", "-")
        flush()


def working_folder():
    """A folder for the snapshot: in the target's, if there is one, so that what a crash left is found there."""
    target = os.environ.get("SHADOWPLANE_TO", "")
    if not os.path.isdir(target):
        return tempfile.mkdtemp(prefix="shadowplane-redis-")
    folder = os.path.join(target, ".shadowplane-replication")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder, 0o700)
    return folder


def whole_state(replica):
    """Writes the state of one moment: a server of its own loads what the primary saved, and tells it key by key."""
    folder = working_folder()
    os.chdir(folder)  # Paths of sockets may be 107 characters long.
    server = None
    try:
        replica.snapshot(folder)
        options = {"port": 0, "unixsocket": "./socket", "dir": ".", "dbfilename": "dump.rdb", "save": "", "appendonly": "no"}
        command = ["redis-server"] + [word for key, value in options.items() for word in (f"--{key}", str(value))]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        tell(replica, replica.version, connect(server, "./socket"))
    finally:
        if server:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def connect(server, socket):
    while True:
        if server.poll() is not None:
            fail("redis-server ended instead of loading the snapshot")
        if os.path.exists(socket):
            redis = Redis(socket)
            redis.send(encode("PING"))
            if not isinstance(redis.reply(), RedisError):
                return redis
        alive()  # Loading takes as long as it takes.
        time.sleep(0.02)


def tell(replica, version, redis):
    record("begin", version)
    functions = redis.call("FUNCTION", "DUMP")
    record("part", version, encode("FUNCTION", "RESTORE", functions, "FLUSH"))
    for database in sorted(int(name[2:]) for name in redis.info("keyspace") if name.startswith("db")):
        redis.call("SELECT", database)
        cursor = b"0"
        while True:
            cursor, keys = redis.call("SCAN", cursor, "COUNT", BATCH_KEYS)
            part = restores(redis, keys)
            if part:
                record("part", version, encode("SELECT", database) + part)
            replica.acknowledge()
            if cursor == b"0":
                break
    record("end", version)
    flush()


def restores(redis, keys):
    commands = []
    for key in keys:
        if key == KEY:
            continue  # Of a replication that made this server what it is.
        redis.send(encode("DUMP", key) + encode("PEXPIRETIME", key))
        dump, expires = redis.reply(), redis.reply()
        if dump is not None:
            commands.append(encode("RESTORE", key, max(expires, 0), dump, "REPLACE", "ABSTTL"))
    return b"".join(commands)
