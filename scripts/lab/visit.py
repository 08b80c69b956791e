"""A visitor of the lab's shop: visit.py web|clock NAME FOLDER SOURCE. Goes on until FOLDER/stop exists, then writes what came
of it to FOLDER/client-NAME.json. Each failed visit leaves a line on stdout."""
import http.client
import json
import os
import socket
import sys
import time

kind, name, folder, source = sys.argv[1:]
ok = bad = item = 0


def web():
    """A connection with ten requests: what the shop says of each item is known."""
    global item
    address = "fd20:0:0:1::20" if ":" in source else "10.20.0.32"
    connection = http.client.HTTPConnection(address, 80, timeout=5, source_address=(source, 0))
    try:
        for _ in range(10):
            item = (item + 1) % 1000
            connection.request("GET", f"/item/{item}")
            answer = connection.getresponse()
            said = answer.read().decode()
            if (answer.status, said) != (200, f"item {item}: {len(str(item)) * 7 % 5} left\n"):
                raise OSError(f"item {item}: {answer.status} {said.strip()}")
    finally:
        connection.close()


def clock():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.bind((source, 0))
        asking.sendto(b"?", ("10.20.0.33", 5000))
        time.strptime(asking.recv(2048).decode())


while not os.path.exists(folder + "/stop"):
    try:
        web() if kind == "web" else clock()
        ok += 1
    except (OSError, ValueError, http.client.HTTPException) as problem:
        bad += 1
        print(problem, flush=True)
    time.sleep(0.1)
with open(f"{folder}/client-{name}.json", "w") as outcome:
    json.dump({"name": name, "ok": ok, "bad": bad}, outcome)
