# SPDX-License-Identifier: MIT
"""An HTML report as a browser would take it apart: elements, and the data in them."""

import html.parser
import json
import re

# Elements and attributes by which a page can fetch something.
FETCHING = {"link", "img", "iframe", "object", "embed", "audio", "video", "source", "base", "form", "frame", "portal"}
ADDRESSES = {"src", "srcset", "href", "action", "data", "poster", "background", "ping", "formaction"}
# Names of XML vocabularies, which are no addresses to fetch.
NAMESPACES = {"http://www.w3.org/%s" % name for name in ("2000/svg", "1999/xhtml", "1998/Math/MathML", "1999/xlink")}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.elements, self.blocks, self.scripts, self.styles, self.text = [], {}, [], [], ""
        self.policy, self.inside = None, None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        self.inside = tag, attributes
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag == "script":
            self.scripts.append("")
        if tag == "style":
            self.styles.append("")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        tag, attributes = self.inside or ("", {})
        if tag == "script" and attributes.get("type") == "application/json":
            name = attributes["id"]
            self.blocks[name] = self.blocks.get(name, "") + data
        elif tag == "script":
            self.scripts[-1] += data
        elif tag == "style":
            self.styles[-1] += data
        else:
            self.text += data

    def data(self, name):
        return json.loads(self.blocks["ouro-" + name])

    def references(self):
        """Everything by which the page would fetch something."""
        found = ["<%s>" % tag for tag, _ in self.elements if tag in FETCHING]
        found += ["%s=%s" % (name, value) for _, attributes in self.elements
                  for name, value in attributes.items() if name in ADDRESSES]
        for style in self.styles:
            found += re.findall(r"url\([^)]*\)|@import[^;]*", style)
        for script in self.scripts:
            found += [url for url in re.findall(r"https?://[^\s\"'`<>)]+", script) if url not in NAMESPACES]
        return found
