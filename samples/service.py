# ouro: GARBAGE 150 x __main__.Session .on_close -> method .__self__ @ samples/service.py:93
# ouro: GARBAGE 50 x __main__.NotFound .__traceback__ -> traceback .tb_frame -> frame local failure @ samples/service.py:86
# ouro: INTERN str 600 copies 3 distinct in __main__.Request.agent @ samples/service.py:50
# ouro: INTERN str 600 copies 2 distinct in __main__.Request.language @ samples/service.py:51
#
# A small service with four worker threads that does a bit of everything: it parses requests, keeps
# a log of them, renders pages from a cache, opens sessions and answers errors. It leaks in three
# ways: sessions that hold their own close method, failures kept in a variable of the frame that
# they passed through, and a log in which every request has a copy of the same few headers.
# The collector's thresholds are zero, so it never runs.
import gc
import queue
import threading

gc.set_threshold(0)

AGENTS = "Mozilla/5.0 (X11; Linux x86_64)", "curl/7.88.1 (x86_64-pc-linux-gnu)", "a monitoring probe"
LANGUAGES = "de-DE,de;q=0.8", "en-GB,en;q=0.9"


class NotFound(Exception):
    pass


class Session:
    def __init__(self, user):
        self.user = user
        self.pages = []
        self.on_close = self.close

    def visit(self, page):
        self.pages.append(page)
        return len(self.pages)

    def close(self):
        self.pages.clear()


class Request:
    __slots__ = ("path", "agent", "language")

    def __init__(self, path):
        self.path = path
        self.agent = self.language = None

    @classmethod
    def parse(cls, text):
        lines = text.splitlines()
        request = cls(lines[0].split(" ")[1])
        request.agent = lines[1].partition(": ")[2]
        request.language = lines[2].partition(": ")[2]
        return request


class Service:
    def __init__(self):
        self.lock = threading.Lock()
        self.log = []
        self.cache = {}
        self.answers = {}

    def serve(self, requests):
        while True:
            text = requests.get()
            if text is None:
                return
            request = Request.parse(text)
            status = self.answer(request)
            with self.lock:
                self.log.append(request)
                self.answers[status] = self.answers.get(status, 0) + 1

    def answer(self, request):
        kind, _, number = request.path[1:].partition("/")
        if kind == "session":
            return self.session(int(number))
        failure = None
        try:
            return len(self.page(kind, number)) and 200
        except NotFound as error:
            failure = error
        return 404 if failure.args else 500

    def page(self, kind, number):
        if kind != "page":
            raise NotFound(kind)
        with self.lock:
            if number not in self.cache:
                self.cache[number] = "<h1>Page %s</h1>%s" % (number, "<p>text</p>" * 20)
            return self.cache[number]

    def session(self, number):
        session = Session("user %d" % number)
        session.visit("/start")
        return 201 if session.visit("/account") == 2 else 500


def requests(count):
    for number in range(count):
        path = "/page/%d" % (number % 40)
        if number % 4 == 1:
            path = "/session/%d" % number
        elif number % 12 == 2:
            path = "/missing/%d" % number
        agent, language = AGENTS[number % 3], LANGUAGES[number % 2]
        yield "GET %s HTTP/1.1\nUser-Agent: %s\nAccept-Language: %s\n" % (path, agent, language)


def main():
    service = Service()
    waiting = queue.Queue()
    workers = [threading.Thread(target=service.serve, args=(waiting,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for text in requests(600):
        waiting.put(text)
    for _ in workers:
        waiting.put(None)
    for worker in workers:
        worker.join()
    print("answers:", sorted(service.answers.items()))
    return service


if __name__ == "__main__":
    SERVICE = main()
