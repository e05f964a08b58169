# SPDX-License-Identifier: MIT
"""Chromium without a window, driven through its debugging pipe: messages of JSON that end with a NUL."""

import base64
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import time

from harness import Failed, expect

KEYS = {"ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39, "Enter": 13, "Escape": 27, "Tab": 9, "End": 35, "Home": 36, "PageDown": 34}


class Browser:
    def __init__(self, box):
        box.need("chromium")
        self.box = box
        to_read, self.writes = os.pipe()
        self.reads, to_write = os.pipe()
        far = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (to_read, to_write)]

        def ends():  # the browser expects them there
            os.dup2(far[0], 3)
            os.dup2(far[1], 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
             "--force-color-profile=srgb", "--lang=en", "--remote-debugging-pipe", "--user-data-dir=" + box.path("browser"), "about:blank"],
            preexec_fn=ends, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env=dict(box.environment(), HOME=box.folder))
        for end in (to_read, to_write, *far):
            os.close(end)
        self.buffer, self.number, self.session = b"", 0, None
        self.problems, self.requests = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.reads)
        os.close(self.writes)

    def message(self):
        while b"\0" not in self.buffer:
            left = self.box.deadline - time.monotonic()
            if left <= 0 or not select.select([self.reads], [], [], left)[0]:
                raise Failed("the browser does not answer")
            data = os.read(self.reads, 1 << 20)
            expect(data, "the browser has ended")
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def note(self, message):
        """What a page says without being asked."""
        what, details = message.get("method"), message.get("params", {})
        if what == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(details["exceptionDetails"].get("exception", details["exceptionDetails"]))[:800])
        elif what == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            self.problems.append("console: %s" % [a.get("value", a.get("description")) for a in details["args"]])
        elif what == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.problems.append("log: %s" % details["entry"]["text"])
        elif what == "Page.javascriptDialogOpening":
            self.problems.append("dialog: %s" % details["message"])
        elif what == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"])

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.writes, json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                expect("error" not in message, lambda: "%s: %s" % (method, message["error"]))
                return message["result"]
            self.note(message)

    def run(self, expression):
        """The value of an expression in the page; promises are waited for."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        expect("exceptionDetails" not in result, lambda: "%s\n%s" % (expression, result["exceptionDetails"]))
        return result["result"].get("value")

    def settle(self):
        """After what was asked for has been drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done), 60)))")

    def wait(self, expression, what):
        while not self.run(expression):
            expect(time.monotonic() < self.box.deadline, "waited in vain until " + what)
            time.sleep(0.02)

    def open(self, file, width=1280, height=900, theme="light"):
        """Opens a page from disk. Returns how many seconds after the start it could be used."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url="file://" + file)
        self.wait("location.protocol === 'file:' && document.documentElement?.dataset.ready === 'true'", "the page can be used")
        return self.run("performance.getEntriesByName('ready')[0].startTime") / 1000

    def press(self, *keys):
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key],
                          **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {}))
        self.settle()

    def picture(self, name):
        """A picture of what is shown, kept below the build: viewers/NAME.png."""
        folder = os.path.join(self.box.build, "viewers")
        os.makedirs(folder, exist_ok=True)
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        with open(os.path.join(folder, name + ".png"), "wb") as file:
            file.write(data)
        return data

    def healthy(self):
        """Nothing went wrong, and nothing but the file itself was asked for."""
        expect(not self.problems, lambda: "the page complains: %s" % "\n".join(self.problems[:5]))
        foreign = [url for url in self.requests if not url.startswith(("file:", "about:"))]
        expect(not foreign, "the page fetches %s" % foreign)
