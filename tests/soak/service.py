# SPDX-License-Identifier: MIT
"""A service at a steady rate: service.py SECONDS. Each line: seconds, requests, CPU µs a request, peak RSS in KiB.

Requests parse and build text, fill a bounded cache, make cycles, and are answered by four threads that come and go.
"""

import collections
import json
import queue
import resource
import sys
import threading
import time

CACHE = collections.OrderedDict()
LOCK = threading.Lock()


class Request:
    def __init__(self, number):
        self.number = number
        self.session = {"user": "user %d" % (number % 500), "request": self}  # a cycle, for the collector
        self.rows = [{"id": n, "name": "row %d" % n, "tags": ["a", str(number % 7)]} for n in range(40)]


def answer(request):
    text = json.dumps(request.rows)
    rows = json.loads(text)
    with LOCK:
        CACHE[request.number % 3000] = [row["name"] for row in rows]
        while len(CACHE) > 2000:
            CACHE.popitem(last=False)
    return len(text)


def serve(work):
    for request in iter(work.get, None):
        answer(request)


def main():
    end = time.monotonic() + float(sys.argv[1])
    start = time.monotonic()
    number = told = 0
    cpu = time.process_time()
    while time.monotonic() < end:
        work = queue.Queue()
        threads = [threading.Thread(target=serve, args=(work,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(200):
            number += 1
            work.put(Request(number))
        for _ in threads:
            work.put(None)
        for thread in threads:
            thread.join()
        if number - told >= 2000:
            now = time.process_time()
            print("%.1f %d %.1f %d" % (time.monotonic() - start, number, (now - cpu) / (number - told) * 1e6,
                                       resource.getrusage(resource.RUSAGE_SELF).ru_maxrss), flush=True)
            told, cpu = number, now
        time.sleep(0.9)


main()
