"""Asks for /item/0 to /item/N-1 over connections that are kept: python3 client.py ADDRESS PORT N CONNECTIONS.

Most requests are GET, one of ten HEAD and one POST. Checks each answer; exit status 0 when all came.
"""

import http.client
import sys
import threading

ADDRESS, PORT, REQUESTS, CONNECTIONS = sys.argv[1], *map(int, sys.argv[2:5])
answered = [0] * CONNECTIONS


def run(index):
    connection = http.client.HTTPConnection(ADDRESS, PORT, timeout=20)
    for number in range(index, REQUESTS, CONNECTIONS):
        method = "HEAD" if number % 10 == 3 else "POST" if number % 10 == 5 else "GET"
        connection.request(method, "/item/%d" % number, body=b"z" * number if method == "POST" else None)
        response = connection.getresponse()
        response.read()
        answered[index] += response.status == 200
    connection.close()


threads = [threading.Thread(target=run, args=(index,)) for index in range(CONNECTIONS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(0 if sum(answered) == REQUESTS else 1)
