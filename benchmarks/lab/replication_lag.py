"""Writes files at a rate, and compares the times at which they came to be in two folders: see replication-lag.sh."""

import hashlib
import os
import sys
import time

FOLDERS = 16


def write(folder, rate, seconds):
    for number in range(FOLDERS):
        os.mkdir(f"{folder}/{number}")
    began = time.monotonic()
    late = 0.0
    for number in range(rate * seconds):
        due = began + number / rate
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        late = max(late, -wait)
        path = f"{folder}/{number % FOLDERS}/{number}"
        with open(path + ".new", "wb") as file:
            file.write(f"{number} {time.time_ns()}\n".encode() * 20)
        os.rename(path + ".new", path)
    took = time.monotonic() - began
    print(f"{rate * seconds} changes in {took:.2f} s, at worst {late * 1000:.0f} ms late")
    if took > seconds * 1.05:
        sys.exit("the changes could not be made at that rate")


def compare(source, target):
    lags = []
    for folder, _, files in os.walk(source):
        for name in files:
            path = os.path.join(folder, name)
            copy = os.path.join(target, os.path.relpath(path, source))
            if digest(path) != digest(copy):
                sys.exit(f"{copy} is not what {path} is")
            lags.append(os.stat(copy).st_ctime_ns - os.stat(path).st_ctime_ns)
    lags.sort()
    p50, p99, worst = (lags[min(len(lags) - 1, int(len(lags) * share))] / 1e6 for share in (0.5, 0.99, 1))
    print(f"{len(lags)} files: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {worst:.1f} ms", file=sys.stderr)
    print(f"{p99:.1f}")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).digest()


if sys.argv[1] == "write":
    write(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    compare(sys.argv[2], sys.argv[3])
