# A service as one runs it in a pipeline: worker threads, a bounded cache, sessions that expire,
# templates, JSON, regular expressions, errors, statistics. Requests come in another order each time,
# so that what is shared is warmed up in another order, too. It leaks nothing, unless told to:
#
#   shop.py REQUESTS [none|list|handlers|cache|cycle]
#
# Then one request in a hundred leaves something behind.
import collections
import functools
import gc
import json
import queue
import random
import re
import sys
import threading

KEPT, HANDLERS = [], {}
WORDS = "amber basil cedar delta ember fjord grove heath inlet jetty".split()


class Order:
    def __init__(self, number, lines):
        self.number, self.lines = number, lines
        self.note = "order %d of %d lines" % (number, len(lines))

    def total(self):
        return sum(price * pieces for price, pieces in self.lines)


class Visit:
    def __init__(self, order):
        self.order = order
        self.me = None

    def finish(self):
        return self.order.number


class Unknown(Exception):
    pass


class Shop:
    def __init__(self, leak):
        self.leak = leak
        self.lock = threading.Lock()
        self.sessions = collections.OrderedDict()
        self.answers = collections.Counter()
        self.lately = collections.deque(maxlen=200)
        self.path = re.compile(r"/(\w+)/(\d+)(?:\?q=(\w+))?")

    def serve(self, requests):
        while True:
            request = requests.get()
            if request is None:
                return
            try:
                text = self.answer(*self.path.match(request).groups())
            except Unknown as problem:
                text = "no such thing: %s" % problem
            with self.lock:
                self.answers[text[:2]] += 1
                self.lately.append(text)

    def answer(self, what, number, query):
        number = int(number)
        if what == "page":
            return page(number % 300, query or "start")
        if what == "order":
            return self.order(number)
        if what == "login":
            return self.login(number)
        raise Unknown(what)

    def login(self, number):
        with self.lock:
            self.sessions[number % 500] = {"user": "user %d" % number, "rights": set(WORDS[:number % 5])}
            while len(self.sessions) > 100:
                self.sessions.popitem(last=False)
        return json.dumps({"welcome": number})

    def order(self, number):
        lines = [(number % 7 + n, n + 1) for n in range(number % 4 + 1)]
        order = Order(number, lines)
        if self.leak != "none" and number % 25 == 0:  # every fourth request is an order
            self.lose(order)
        return json.dumps({"order": order.number, "total": order.total(), "note": order.note})

    def lose(self, order):
        if self.leak == "list":
            KEPT.append(order)
        elif self.leak == "handlers":
            HANDLERS[order.number] = Visit(order).finish
        elif self.leak == "cache":
            price_of(order)
        elif self.leak == "cycle":
            visit = Visit(order)
            visit.me = visit


@functools.lru_cache(maxsize=None)
def price_of(order):
    return order.total()


@functools.lru_cache(maxsize=128)
def page(number, query):
    return "<h1>Page %d</h1>%s<p>%s</p>" % (number, "<p>text</p>" * 20, query)


def requests(count):
    kinds = ["/page/%d?q={}", "/order/%d", "/login/%d", "/page/%d"]
    all_of_them = [kinds[n % 4].format(WORDS[n % 10]) % (n // 4 if n % 4 == 1 else n) for n in range(count)]
    all_of_them[::97] = ["/nothing/%d" % n for n in range(len(all_of_them[::97]))]
    random.shuffle(all_of_them)
    return all_of_them


def main():
    count, leak = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "none"
    if leak == "cycle":
        gc.disable()
    shop, waiting = Shop(leak), queue.Queue(100)
    workers = [threading.Thread(target=shop.serve, args=(waiting,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for request in requests(count):
        waiting.put(request)
    for _ in workers:
        waiting.put(None)
    for worker in workers:
        worker.join()
    print(sum(shop.answers.values()))
    return shop


if __name__ == "__main__":
    SHOP = main()
