# SPDX-License-Identifier: MIT
"""The command line: what it prints without a trace, and how it refuses what it cannot read."""

import json
import os
import re
import shutil
import struct

import schema
from harness import ROOT, SAMPLES, Interpreter, cases, equal, expect, interpreters

READERS = ["report", "info", "dump"]


def recorded(box):
    """A run of the tree sample under the interpreter that runs the tests."""
    import sys

    box.python = Interpreter("own", "%d.%d.%d" % sys.version_info[:3], sys.executable, "own")
    return box.sample("tree.py")


def refused(box, command, path, *words):
    """Exit code 2, nothing on stdout, one line on stderr with the path and the words."""
    for reader in ([command] if command else READERS):
        result = box.command([box.ouro, reader, path])
        equal(result.code, 2, "exit code of ouro %s\n%s" % (reader, result))
        equal(result.out, "", "stdout of ouro %s" % reader)
        equal(len(result.err.splitlines()), 1, "lines on stderr of ouro %s: %r" % (reader, result.err))
        expect(result.err.startswith("ouro: "), "the message says who speaks: %r" % result.err)
        for word in (os.path.basename(path),) + words:
            expect(word in result.err, "ouro %s does not say %r: %r" % (reader, word, result.err))


def test_a_missing_file_is_refused(box):
    refused(box, None, box.path("nowhere.ouro"))


def test_a_file_that_is_no_trace_is_refused(box):
    for name, text in (("text.trace", "hello " * 100), ("empty.trace", ""), ("short.trace", "OURO")):
        refused(box, None, box.write(name, text))
    refused(box, None, "/bin/ls")


def test_an_empty_folder_is_refused(box):
    os.mkdir(box.path("empty.ouro"))
    refused(box, None, box.path("empty.ouro"))
    os.mkdir(box.path("other.ouro"))
    box.write("other.ouro/notes.txt", "no trace here")
    refused(box, None, box.path("other.ouro"))


def test_an_unreadable_file_is_refused(box):
    os.mkdir(box.path("folder.trace"))
    refused(box, None, box.path("folder.trace"))
    refused(box, None, "/proc/self/mem")


def changed(box, name, change):
    """A copy of a good trace with its bytes changed."""
    run = recorded(box)
    with open(run.traces[0], "rb") as file:
        data = bytearray(file.read())
    change(data)
    with open(box.path(name), "wb") as file:
        file.write(data)
    return box.path(name)


def test_a_future_version_is_refused_by_number(box):
    import tracefile

    if tracefile.missing():
        box.skip(tracefile.missing())

    def change(data):
        # The version is the first field of the first chunk: field, length, eight bytes.
        stored = struct.unpack_from("<I", data, 8)[0]
        assert data[32:34] == b"\x01\x08", "the version is not the first field"
        struct.pack_into("<Q", data, 34, 9)
        digest = tracefile._hash(bytes(data[32:32 + stored]), tracefile._hash(bytes(data[:24]), 0))
        struct.pack_into("<Q", data, 24, digest)

    refused(box, None, changed(box, "future.trace", change), "9")


def test_a_damaged_first_chunk_is_refused(box):
    def change(data):
        data[40] ^= 0xFF

    refused(box, None, changed(box, "damaged.trace", change))


def test_damage_in_the_middle_is_never_passed_over_in_silence(box):
    def change(data):
        data[len(data) // 2] ^= 0xFF

    path = changed(box, "middle.trace", change)
    for reader in READERS:
        result = box.command([box.ouro, reader, path])
        text = result.out + result.err
        expect(result.code in (0, 2, 3), "exit code: %s" % result)
        expect(re.search("damaged|checksum|incomplete|unreadable", text), "ouro %s says nothing of the damage\n%s" % (reader, result))


def test_a_trace_cut_at_any_byte_opens_or_is_refused_in_one_line(box):
    run = recorded(box)
    with open(run.traces[0], "rb") as file:
        data = file.read()
    size = len(data)
    cuts = {1, 31, 32, 33, 100, size - 1, size - 33, *range(0, size, max(1, size // 40))}
    for cut in sorted(cuts):
        with open(box.path("cut.trace"), "wb") as file:
            file.write(data[:cut])
        result = box.command([box.ouro, "report", box.path("cut.trace")])
        if result.code == 2:
            equal((result.out, len(result.err.splitlines())), ("", 1), "a refusal at byte %d of %d" % (cut, size))
        else:
            expect(result.code in (0, 3), "cut at byte %d: %s" % (cut, result))
            expect(re.search("did not end|no end|cut|incomplete|truncated|killed", result.out + result.err),
                   "cut at byte %d of %d: the report does not say so\n%s" % (cut, size, result))


def test_help_and_version_work_without_a_trace(box):
    for arguments in (["--help"], ["help"], ["--version"], ["help", "report"], ["report", "--help"], ["run", "--help"]):
        result = box.command([box.ouro, *arguments]).succeeds()
        expect(result.out and not result.err, "ouro %s prints on stdout: %s" % (" ".join(arguments), result))
    expect(re.search(r"\d+\.\d+", box.command([box.ouro, "--version"]).out), "the version has a number")


@cases([[], ["nonsense"], ["--nonsense"], ["report"], ["report", "--nonsense"], ["report", "a", "b"], ["run"], ["run", "--"],
        ["report", "--format"], ["report", "--format", "nonsense", "x.ouro"]])
def test_wrong_usage_is_refused(box, arguments):
    result = box.command([box.ouro, *arguments])
    equal((result.code, result.out), (2, ""), "exit code and stdout of: ouro %s\n%s" % (" ".join(arguments), result))
    expect(result.err.startswith(("ouro: ", "usage: ")), "stderr: %r" % result.err)


def test_reports_are_the_same_bytes_for_the_same_trace(box):
    run = recorded(box)
    for options in ([], ["--format", "json"]):
        outputs = {box.command([box.ouro, "report", run.folder, *options]).succeeds().out for _ in range(3)}
        equal(len(outputs), 1, "different reports of one trace")
    copy = box.path("copy.ouro")
    shutil.copytree(run.folder, copy)
    text = [box.command([box.ouro, "report", folder]).out.replace(folder, "RUN") for folder in (run.folder, copy)]
    equal(text[0], text[1], "report of a copied run")


def test_closed_output_is_noticed(box):
    run = recorded(box)
    result = box.command(["sh", "-c", '"$0" report "$1" --format json >/dev/full', box.ouro, run.folder])
    expect(result.code not in (0, 1), "a report that cannot be written succeeds: %s" % result)
    expect(result.err.startswith("ouro: "), "stderr: %r" % result.err)


@interpreters()
def test_info_and_dump_tell_what_a_trace_holds(box):
    run = box.record(os.path.join(SAMPLES, "tree.py"), "--argument").succeeds()
    info = box.command([box.ouro, "info", run.folder]).succeeds().out
    for word in (".".join(map(str, box.python.version)), "--argument", "napshot", "poch"):
        expect(word in info, "ouro info does not say %r\n%s" % (word, info))
    dump = box.command([box.ouro, "dump", run.folder]).succeeds().out
    for word in ("tree.py", "root_of", "__main__.Node", "children"):
        expect(word in dump, "ouro dump does not hold %r" % word)
    trace = box.trace(run)
    counts = box.report(run)["heap"]
    equal(counts["objects"], len(trace.last_snapshot.columns[1]), "objects in the report and in the trace")


@interpreters()
def test_json_report_has_all_keys_and_fits_its_schema(box):
    report = box.report(box.sample("service.py"))
    for section, keys in KEYS.items():
        expect(section in report, "no section %s" % section)
        missing = [key for key in keys.split() if key not in report[section]]
        equal(missing, [], "keys missing in %s" % section)
    for where, keys in GROUP_KEYS.items():
        section, name = where.split(".")
        for group in report[section][name][:20]:
            missing = [key for key in keys.split() if key not in group]
            equal(missing, [], "keys missing in an element of %s" % where)
    with open(os.path.join(ROOT, "docs", "report.schema.json")) as file:
        wrong = list(schema.problems(report, json.load(file)))
    expect(not wrong, lambda: "the report does not fit docs/report.schema.json\n  " + "\n  ".join(wrong[:20]))


KEYS = {
    "run": "argv runtime pid exit_status truncated stacks processes",
    "heap": "objects bytes edges coverage negative_residuals snapshots types",
    "cycles": "objects bytes groups",
    "interning": "gross_bytes net_bytes groups",
    "leaks": "points groups",
    "tests": "marks count units",
    "retained": "entries",
    "churn": "sites",
    "gc": "enabled collections pause_total freed_objects freed_bytes by_type",
    "native": "rss_bytes rss_explained rss pools sample sites leaks",
}
GROUP_KEYS = {
    "heap.types": "type count bytes",
    "cycles.groups": "signature verdict reason count objects bytes bytes_each path break pattern hint sites holds age new",
    "interning.groups": "type holder copies distinct gross_bytes net_bytes advice fix sites examples",
    "churn.sites": "type allocations bytes alive deaths lifetime file line function stack",
}
