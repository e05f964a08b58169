# SPDX-License-Identifier: MIT
"""Web-like: requests are parsed into objects, routed, answered by a template."""
import re
from string import Template

from measure import measure

RAW = (
    "GET /shop/%d/item?colour=green&size=%d&page=2 HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11)\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-GB,en;q=0.5\r\nCookie: session=%d; theme=dark\r\n\r\n"
)
PAGE = Template("<html><head><title>$title</title></head><body><h1>$title</h1><ul>$items</ul>$user</body></html>")
ROUTE = re.compile(r"^/shop/(?P<shop>\d+)/(?P<page>\w+)$")


class Request:
    def __init__(self, raw):
        lines = raw.split("\r\n")
        self.method, target, self.version = lines[0].split(" ")
        self.path, _, query = target.partition("?")
        self.query = dict(pair.split("=") for pair in query.split("&"))
        self.headers = dict(self.header(line) for line in lines[1:] if line)
        self.cookies = dict(pair.split("=") for pair in self.headers["cookie"].split("; "))

    @staticmethod
    def header(line):
        name, _, value = line.partition(": ")
        return name.lower(), value


class Response:
    def __init__(self, request, body):
        self.request = request
        self.headers = {"content-type": "text/html", "content-length": str(len(body)), "set-cookie": "theme=dark"}
        self.body = body

    def lines(self):
        yield "HTTP/1.1 200 OK"
        for name, value in self.headers.items():
            yield "%s: %s" % (name, value)
        yield ""
        yield self.body


def view(request, shop, page):
    items = "".join("<li>{0} of {1}: {2:.2f}</li>".format(n, shop, n * 1.19) for n in range(8))
    return PAGE.substitute(title="%s of %s" % (page, shop), items=items, user=f"<p>{request.cookies['session']}</p>")


def handle(raw):
    request = Request(raw)
    match = ROUTE.match(request.path)
    return Response(request, view(request, **match.groupdict()))


def work(scale):
    total = 0
    for number in range(int(60000 * scale)):
        total += len("\r\n".join(handle(RAW % (number % 50, number % 7, number)).lines()))
    return total


measure(work)
