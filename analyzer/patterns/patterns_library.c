/* SPDX-License-Identifier: MIT */
/* The standard library: documents, parsers, mocks, encoders. */
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "minidom-document",
     .title = "a document of xml.dom.minidom without unlink()",
     .rule = {"!xml.dom.minidom.* .parentNode", "!xml.dom.minidom.* .ownerDocument",
              "!xml.dom.minidom.* .ownerElement"},
     .whole = true,
     .reason = "every node refers to its parent and its document",
     .hint = "call document.unlink() when done, or use it as a context manager: with "
             "minidom.parse(...) as document",
     .explanation = "Nodes of minidom know their parent, their siblings and their document, so a "
                    "whole document is one cycle. unlink() takes it apart at once; "
                    "xml.etree.ElementTree has no such references at all.",
     .before = "from xml.dom import minidom\n"
               "\n"
               "def read():\n"
               "    document = minidom.Document()\n"
               "    row = document.createElement(\"row\")\n"
               "    row.appendChild(document.createTextNode(\"value\"))\n"
               "    document.appendChild(row)\n"
               "    return row.tagName\n"
               "\n"
               "for _ in range(20):\n"
               "    read()\n",
     .after = "from xml.dom import minidom\n"
              "\n"
              "def read():\n"
              "    document = minidom.Document()\n"
              "    row = document.createElement(\"row\")\n"
              "    row.appendChild(document.createTextNode(\"value\"))\n"
              "    document.appendChild(row)\n"
              "    name = row.tagName\n"
              "    document.unlink()\n"
              "    return name\n"
              "\n"
              "for _ in range(20):\n"
              "    read()\n",
     .link = "https://docs.python.org/3/library/xml.dom.minidom.html#xml.dom.minidom.Node.unlink"},
    {.id = "argparse-parser",
     .title = "an argparse parser made again and again",
     .rule = {"!argparse.* .container", "!argparse.* ._container", "argparse.* *"},
     .whole = true,
     .reason = "a parser, its groups and its actions refer to each other",
     .hint = "make the parser once, at module level, and keep it",
     .explanation = "Parsers of argparse share their registries and lists of actions with their "
                    "groups and refer to themselves through them. One parser is nothing; one for "
                    "each request is a leak until the collector runs.",
     .before = "import argparse\n"
               "\n"
               "def parse(words):\n"
               "    parser = argparse.ArgumentParser(prog=\"demo\")\n"
               "    return parser.parse_known_args(words)[1]\n"
               "\n"
               "for _ in range(5):\n"
               "    parse([\"name\"])\n",
     .after = "import argparse\n"
              "\n"
              "PARSER = argparse.ArgumentParser(prog=\"demo\", add_help=False)\n"
              "\n"
              "def parse(words):\n"
              "    return PARSER.parse_known_args(words)[1]\n"
              "\n"
              "for _ in range(5):\n"
              "    parse([\"name\"])\n",
     .link = "https://docs.python.org/3/library/argparse.html"},
    {.id = "optparse-parser",
     .title = "an optparse parser without destroy()",
     .rule = {"!optparse.* .container", "!optparse.* .parser", "optparse.OptionParser *"},
     .whole = true,
     .reason = "options refer to the parser that has them",
     .hint = "call parser.destroy() when done, or make the parser once",
     .explanation = "Options and groups of optparse refer to their parser. The parser's destroy() "
                    "breaks these references.",
     .before = "import optparse\n"
               "\n"
               "def parse(words):\n"
               "    parser = optparse.OptionParser(prog=\"demo\")\n"
               "    parser.add_option(\"--name\")\n"
               "    return parser.parse_args(words)[0].name\n"
               "\n"
               "for _ in range(5):\n"
               "    parse([\"--name\", \"x\"])\n",
     .after = "import optparse\n"
              "\n"
              "def parse(words):\n"
              "    parser = optparse.OptionParser(prog=\"demo\")\n"
              "    parser.add_option(\"--name\")\n"
              "    name = parser.parse_args(words)[0].name\n"
              "    parser.destroy()\n"
              "    return name\n"
              "\n"
              "for _ in range(5):\n"
              "    parse([\"--name\", \"x\"])\n",
     .link = "https://docs.python.org/3/library/optparse.html#optparse.OptionParser.destroy"},
    {.id = "url-opener",
     .title = "an opener of urllib.request without close()",
     .rule = {"!urllib.request.* .parent"},
     .reason = "every handler refers to its opener",
     .hint = "call opener.close() when done, or make one opener and keep it",
     .explanation = "An OpenerDirector lists its handlers and each of them has the opener as its "
                    "parent. close() of the opener closes its handlers, which forget it.",
     .before = "import urllib.request\n"
               "\n"
               "def fetch():\n"
               "    opener = urllib.request.OpenerDirector()\n"
               "    opener.add_handler(urllib.request.UnknownHandler())\n"
               "    return len(opener.handlers)\n"
               "\n"
               "for _ in range(20):\n"
               "    fetch()\n",
     .after = "import urllib.request\n"
              "\n"
              "def fetch():\n"
              "    opener = urllib.request.OpenerDirector()\n"
              "    opener.add_handler(urllib.request.UnknownHandler())\n"
              "    count = len(opener.handlers)\n"
              "    for handler in opener.handlers:\n"
              "        handler.parent = None\n"
              "    return count\n"
              "\n"
              "for _ in range(20):\n"
              "    fetch()\n",
     .link = "https://docs.python.org/3/library/urllib.request.html#openerdirector-objects"},
    {.id = "mock-object",
     .title = "a mock of unittest.mock",
     .rule = {"!unittest.mock.* ._mock_new_parent", "!unittest.mock.* ._mock_parent",
              "unittest.mock.* *"},
     .whole = true,
     .reason = "a mock and what it returns know each other",
     .hint = "make mocks inside tests only, and drop them together",
     .explanation = "Every mock has a class of its own, and children that know their parent, so "
                    "each one is a cycle of some fifty objects. In tests that is harmless; as a "
                    "stand-in in a running program it is not.",
     .before = "from unittest import mock\n"
               "\n"
               "def check():\n"
               "    service = mock.Mock()\n"
               "    service.call(1)\n"
               "\n"
               "for _ in range(5):\n"
               "    check()\n",
     .after = "def check():\n"
              "    calls = []\n"
              "    calls.append(1)\n"
              "\n"
              "for _ in range(5):\n"
              "    check()\n",
     .link = "https://docs.python.org/3/library/unittest.mock.html"},
    {.id = "json-encoder",
     .title = "json.dumps() with indent or a subclass of JSONEncoder",
     .file = "json/encoder.py",
     .whole = true,
     .reason = "the encoder written in Python makes functions that call each other, for every "
               "call",
     .hint = "write compact JSON where speed and memory matter: without indent the encoder "
             "in C is used",
     .explanation = "With indent (up to Python 3.14), and for iterencode() in general, json builds "
                    "its encoder from inner functions that refer to each other through their "
                    "closures. Each call leaves one such cycle behind.",
     .before = "import json\n"
               "\n"
               "def save(value):\n"
               "    return \"\".join(json.JSONEncoder(indent=1).iterencode(value))\n"
               "\n"
               "for number in range(20):\n"
               "    save([number])\n",
     .after = "import json\n"
              "\n"
              "def save(value):\n"
              "    return json.dumps(value)\n"
              "\n"
              "for number in range(20):\n"
              "    save([number])\n",
     .link = "https://docs.python.org/3/library/json.html#json.dumps"},
};

const struct pattern_list patterns_of_library = {patterns, sizeof patterns / sizeof *patterns};
