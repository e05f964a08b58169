# SPDX-License-Identifier: MIT
"""ouro push sends what export writes, to whom it is told, and says in one line what went wrong."""

import base64
import contextlib
import email.parser
import email.policy
import http.server
import json
import os
import socket
import ssl
import threading
import urllib.parse

import pprof
from harness import equal, expect, interpreters

# The proxy of whoever runs the tests is none of theirs.
PLAIN = {name: None for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY") if name in os.environ}


class Server:
    """On the loopback interface; keeps the requests and gives one answer to all."""

    def __init__(self, code=200, headers=(), body=b"", silent=None, certificate=None):
        requests = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                data = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append((self.path, dict(self.headers), data))
                if silent:
                    silent.wait(60)
                self.send_response(code)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                with contextlib.suppress(ConnectionError):  # Who asked may not wait for it.
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


def one(python):
    return python.supported and python.minor == (3, 14)


def sample(box):
    folder = box.path("my app (1).ouro")
    box.sample("tree.py", folder=folder)
    return folder


def push(box, *arguments, **environment):
    return box.command([box.ouro, "push", *arguments], env=dict(PLAIN, **environment))


def exported(box, folder):
    path = box.path("profile")
    box.command([box.ouro, "export", folder, "--format", "pprof", "-o", path]).succeeds()
    with open(path, "rb") as file:
        return file.read()


def parts(headers, body):
    """{name: bytes} of a form."""
    head = ("Content-Type: %s\r\n\r\n" % headers["Content-Type"]).encode()
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in form.iter_parts()}


@interpreters(one)
def test_a_profile_arrives_as_pyroscope_takes_it(box):
    folder = sample(box)
    profile = exported(box, folder)
    with Server() as server:
        dry = push(box, folder, server.url, "--dry-run", OURO_PUSH_AUTHORIZATION="Bearer s3cret").succeeds()
        equal(server.requests, [], "a dry run sends nothing")
        expect("/ingest?name=my_app__1_" in dry.out and "s3cret" not in dry.out + dry.err, dry)
        done = push(box, folder, server.url, "--labels", "env=staging,region=eu west", "--tenant", "seven",
                    OURO_PUSH_AUTHORIZATION="Bearer s3cret").succeeds()
        equal(done.out.count("\n"), 1, "lines on success")
        (path, headers, body), = server.requests
        address = urllib.parse.urlsplit(path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(address.query, strict_parsing=True).items()}
        equal(address.path, "/ingest", "path")
        equal(query["name"], "my_app__1_{env=staging,region=eu west}", "name")
        equal((headers["Authorization"], headers["X-Scope-OrgID"]), ("Bearer s3cret", "seven"), "headers")
        expect("Expect" not in headers and headers["User-Agent"].startswith("ouro/"), repr(headers))
        form = parts(headers, body)
        equal(form["profile"] == profile, True, "what is sent is what export writes")
        read = pprof.Profile(form["profile"])
        began = read.time // 10**9
        equal(int(query["from"]), began, "from")
        expect(began < int(query["until"]) <= began + 60, repr(query))
        measures = json.loads(form["sample_type_config"])
        equal(list(measures), read.names, "measures that are described")
        expect("cumulative" not in measures["alloc_space"] and measures["inuse_space"]["units"] == "bytes", repr(measures))
        # An address with a path is taken as it is; what is secret in it is for the server only.
        done = push(box, folder, server.url.replace("//", "//user:hunter2@") + "/a/b?x=1", "--name", "other").succeeds()
        path, headers, _ = server.requests[-1]
        expect(path.startswith("/a/b?x=1&name=other&from="), path)
        equal(headers["Authorization"], "Basic " + base64.b64encode(b"user:hunter2").decode(), "who sends")
        expect("hunter2" not in done.out + done.err, done)


@interpreters(one)
def test_a_profile_arrives_as_parca_takes_it(box):
    folder = sample(box)
    with Server() as server:
        push(box, folder, server.url, "--protocol", "parca", "--name", "app", "--labels", 'node=a b\\,k=v').succeeds()
        (path, headers, body), = server.requests
        equal((path, headers["Content-Type"]), ("/api/profiles/writeraw", "application/json"), "request")
        series, = json.loads(body)["series"]
        labels = {label["name"]: label["value"] for label in series["labels"]["labels"]}
        equal(labels, {"__name__": "memory", "job": "app", "node": "a b\\", "k": "v"}, "labels")
        raw = base64.b64decode(series["samples"][0]["rawProfile"], validate=True)
        equal(raw == exported(box, folder), True, "what is sent is what export writes")


@interpreters(one)
def test_every_process_of_a_run_arrives_with_its_number(box):
    run = box.script("import os\nif os.fork() == 0:\n    kept = [[] for n in range(1000)]\nelse:\n    os.wait()\n").succeeds()
    pids = {process["pid"] for process in box.report(run)["run"]["processes"]}
    with Server() as server:
        push(box, run.folder, server.url, "--all", "--name", "app", "--labels", "env=a").succeeds()
        names = [urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)["name"][0] for path, _, _ in server.requests]
        equal(len(pids), 2, "processes")
        equal(set(names), {"app{env=a,pid=%d}" % pid for pid in pids}, "names")


@interpreters(one)
def test_a_server_has_to_show_a_certificate_that_is_trusted(box):
    box.need("openssl")
    folder, key, certificate = sample(box), box.path("key"), box.path("certificate")
    box.command(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-keyout", key, "-out", certificate, "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]).succeeds()
    with Server(certificate=(certificate, key)) as server:
        refused = push(box, folder, server.url, OURO_PUSH_AUTHORIZATION="Bearer s3cret")
        expect(refused.code == 2 and "certificate" in refused.err and refused.err.count("\n") == 1, refused)
        equal(server.requests, [], "nothing is sent to who cannot show who it is")
        push(box, folder, server.url, CURL_CA_BUNDLE=certificate).succeeds()
        equal(len(server.requests), 1, "requests")


@interpreters(one)
def test_what_a_server_does_not_take_is_one_line(box):
    folder = sample(box)

    def refused(url, *options, **environment):
        result = push(box, folder, url, *options, **environment)
        equal((result.code, result.out, result.err.count("\n")), (2, "", 1), "code, output and lines of %s" % result)
        return result.err

    body = b"no \x1b[31mtoken\x07\r\nmore\n"
    with Server(401, body=body) as server:
        equal(refused(server.url), "ouro: push: %s/ingest answers 401: no ?[31mtoken?\n" % server.url, "error")
    with Server(503, body=b"x" * 100000) as server:
        expect(len(refused(server.url)) < 300, "a long answer is cut")
    with Server(200) as other, Server(302, headers=[("Location", other.url + "/ingest")]) as server:
        expect("redirects are not followed" in refused(server.url, OURO_PUSH_AUTHORIZATION="Bearer s3cret"), "")
        equal(other.requests, [], "nothing is sent to where the server points")
    never = threading.Event()
    with Server(silent=never) as server:
        expect("timed out" in refused(server.url, "--timeout", "1").lower(), "a server that says nothing")
        never.set()
    with contextlib.closing(socket.socket()) as closed:
        closed.bind(("127.0.0.1", 0))  # Nobody listens, and nobody else gets the port meanwhile.
        expect("connect" in refused("http://127.0.0.1:%d" % closed.getsockname()[1]), "nobody there")
    for url in ("ftp://127.0.0.1/x", "file:///etc/passwd", "127.0.0.1", "http://", "http://example.com:port/"):
        expect("no address" in refused(url), url)
    with Server() as server:
        for options in (("--labels", "a"), ("--labels", "1a=b"), ("--labels", 'a="'), ("--labels", "a={"), ("--labels", "a="),
                        ("--labels", "a=b,,"), ("--name", "a b"), ("--name", ""), ("--name", "a{b=c}"),
                        ("--tenant", "a\r\nX: y"), ("--timeout", "0")):
            refused(server.url, *options)
        expect("control character" in refused(server.url, OURO_PUSH_AUTHORIZATION="a\nX: y"), "")
        equal(server.requests, [], "what cannot be sent as it is meant is not sent")
