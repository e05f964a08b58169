# ouro: RETAINED __main__.Subscription in __main__.BUS.listeners @ samples/growth/service.py:38
#
# A service with worker threads that has everything a leak could hide behind: sessions that come and
# go, a cache that fills and stops, one that throws out the oldest, a buffer that is flushed when it is
# full, a log of the last requests, and a lot of values that are gone after each request. Its leak is one request
# in a hundred, drawn at random (the same way in every run): a client that hangs up is never taken off the bus.
#
#     python3 samples/growth/service.py [REQUESTS [THREADS [LEAK]]]
#
# LEAK is the share of requests that leak: 0.01, or 0 for the same service without it.
import collections
import functools
import json
import queue
import random
import sys
import threading


class Bus:
    def __init__(self):
        self.lock = threading.Lock()
        self.listeners = []

    def subscribe(self, listener):
        with self.lock:
            self.listeners.append(listener)

    def unsubscribe(self, listener):
        with self.lock:
            self.listeners.remove(listener)


BUS = Bus()


def subscribe(user):
    subscription = Subscription(user)
    BUS.subscribe(subscription)
    return subscription


class Subscription:
    def __init__(self, user):
        self.user = user
        self.topics = ["topic %d" % (len(user) + n) for n in range(4)]


class Session:
    def __init__(self, number):
        self.number = number
        self.pages = {}


@functools.lru_cache(maxsize=200)
def render(number):
    return "<h1>Page %d</h1>%s" % (number, "<p>text</p>" * 20)


class Service:
    def __init__(self, leak):
        self.leak = leak
        self.lock = threading.Lock()
        self.users = {}  # fills up to 300 and stays so
        self.sessions = {}  # at most 50 at a time
        self.last = collections.deque(maxlen=100)
        self.buffer = []  # flushed when it is full
        self.answers = collections.Counter()

    def serve(self, requests, chance):
        while True:
            number = requests.get()
            if number is None:
                return
            self.answer(number, chance)

    def answer(self, number, chance):
        user = "user %d" % chance.randrange(300)
        body = json.dumps({"user": user, "path": "/page/%d" % number, "words": ["word"] * 20})
        request = json.loads(body)
        with self.lock:
            self.users.setdefault(user, {"name": user, "seen": []})
            session = self.sessions.setdefault(chance.randrange(50), Session(number))
            session.pages[number % 8] = request
            if chance.random() < 0.1:
                self.sessions.pop(chance.randrange(50), None)
            self.last.append(request)
            self.buffer.append(body)
            if len(self.buffer) == 700:
                self.buffer.clear()
            self.answers[len(render(chance.randrange(1000))) % 7] += 1
        subscription = subscribe(user)
        if chance.random() >= self.leak:
            BUS.unsubscribe(subscription)


def main(count=20000, threads=4, leak=0.01):
    service = Service(leak)
    waiting = queue.Queue(maxsize=100)
    workers = [
        threading.Thread(target=service.serve, args=(waiting, random.Random(seed))) for seed in range(threads)]
    for worker in workers:
        worker.start()
    for number in range(count):
        waiting.put(number)
    for _ in workers:
        waiting.put(None)
    for worker in workers:
        worker.join()
    print("%d answers" % sum(service.answers.values()))
    return service


if __name__ == "__main__":
    SERVICE = main(*[convert(word) for convert, word in zip((int, int, float), sys.argv[1:])])
