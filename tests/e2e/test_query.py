# SPDX-License-Identifier: MIT
"""Questions in SQL get the figures of the reports, and nothing but answers can be had that way."""

import csv
import io
import json
import os
import re
import sqlite3

from harness import ROOT, cases, equal, expect, interpreters, supported


def some(python):
    return supported(python) and python.minor in ((3, 8), (3, 14)) and not python.lockless


def one(python):
    """Debian's own 3.13, which is everywhere the tests run."""
    return supported(python) and python.minor == (3, 13) and python.kinds == {"static"}


def rows(box, folder, statement, *options):
    """The answer as dictionaries, all of it."""
    result = box.command([box.ouro, "query", folder, "-", "--format", "json", "--limit", "0", *options], stdin=statement)
    equal(result.err, "", "stderr of: " + statement)
    return json.loads(result.succeeds().out)


def cells(box, folder, statement):
    return [tuple(row.values()) for row in rows(box, folder, statement)]


def section(box, folder, command, *options):
    return json.loads(box.command([box.ouro, command, folder, "--format", "json", *options]).succeeds().out)[command]


@interpreters()
def test_query_gives_the_figures_of_the_reports(box):
    folder = box.sample("service.py").folder
    report = box.report(folder)
    heap = report["heap"]
    equal(cells(box, folder, "SELECT count(*), sum(size) FROM objects"), [(heap["objects"], heap["bytes"])], "the heap")
    equal(cells(box, folder, "SELECT count(*) FROM edges"), [(heap["edges"],)], "references")
    types = sorted((t["type"], t["count"], t["bytes"], t["tracked"]) for t in heap["types"])
    equal(sorted(cells(box, folder, "SELECT name, objects, bytes, tracked FROM types WHERE objects")), types, "types")
    equal(sorted(cells(box, folder, "SELECT type, count(*), sum(size), sum(tracked) FROM objects GROUP BY type")), types, "objects by type")
    equal(cells(box, folder, "SELECT sum(size) FROM garbage"), [(report["cycles"]["bytes"],)], "bytes that are dead")
    groups = [(g["signature"], g["verdict"], g["count"], g["objects"], g["bytes"], g["sites"][0]["line"]) for g in report["cycles"]["groups"]]
    equal(cells(box, folder, "SELECT signature, verdict, cycles, objects, bytes, line FROM cycles"), groups, "leaked cycles")
    groups = [(g["type"], g["holder"], g["copies"], g["distinct"], g["net_bytes"]) for g in report["interning"]["groups"]]
    asked = cells(box, folder, "SELECT type, holder, copies, distinct_values, net_bytes FROM duplicates")
    equal(asked[:len(groups)], groups, "equal values")
    ours = {e["address"]: e["bytes_retained"] for e in section(box, folder, "retained", "--top", "0")["entries"]}
    asked = dict(cells(box, folder, "SELECT address, retained FROM objects"))
    equal({address: asked[address] for address in ours}, ours, "bytes that objects retain")


@interpreters(one)
def test_query_joins_are_those_of_the_graph(box):
    """Each index of a table finds what reading the whole table finds."""
    folder = box.sample("service.py").folder
    heap = {row["id"]: row for row in rows(box, folder, "SELECT * FROM objects")}
    edges = rows(box, folder, "SELECT * FROM edges")
    exported = [json.loads(line) for line in box.command([box.ouro, "export", folder, "--what", "edges"]).succeeds().out.splitlines()]
    equal([(e["source"], e["target"], e["kind"], e["name"] or "", e["position"]) for e in edges],
          [(e["source"], e["target"], e["kind"], e["name"], e.get("index")) for e in exported], "references")
    request = next(o for o in heap.values() if o["type"] == "__main__.Request")
    for column in ("id", "address", "type", "type_id", "site", "dominator", "value_id"):
        for example in (request, next(o for o in heap.values() if o[column] is not None and o["value_id"] is not None)):
            value = example[column]
            if value is None:
                continue
            found = [row[0] for row in cells(box, folder, "SELECT id FROM objects WHERE %s = %s" % (column, repr(value)))]
            equal(found, [o["id"] for o in heap.values() if o[column] == value], "objects by " + column)
    for column in ("source", "target"):
        got = cells(box, folder, "SELECT source, target, label, position FROM edges WHERE %s = %d" % (column, request["id"]))
        wanted = [(e["source"], e["target"], e["label"], e["position"]) for e in edges if e[column] == request["id"]]
        equal(got, wanted, "references by " + column)
        got = cells(box, folder, "SELECT %s, count(*) FROM edges GROUP BY %s" % (column, column))
        counts = {}
        for edge in edges:
            counts[edge[column]] = counts.get(edge[column], 0) + 1
        equal(got, sorted(counts.items()), "references in the order of " + column)
        got = cells(box, folder, "SELECT %s, count(*) FROM edges GROUP BY 1 ORDER BY 1 DESC" % column)
        equal(got, sorted(counts.items(), reverse=True), "references in the opposite order of " + column)
    for column in ("id", "type", "type_id", "site", "address", "size"):
        for order, way in (("ASC", False), ("DESC", True)):
            got = [row[0] for row in cells(box, folder, "SELECT %s FROM objects ORDER BY %s %s" % (column, column, order))]
            equal(got, sorted((o[column] for o in heap.values()), reverse=way), "objects by %s %s" % (column, order))
    named = cells(box, folder, "SELECT source_type, label FROM links WHERE target = %d" % request["id"])
    equal(named, [(heap[e["source"]]["type"], e["label"]) for e in edges if e["target"] == request["id"]], "references with types")
    stack = cells(box, folder, "SELECT function FROM frames WHERE site = %d" % request["site"])
    equal(stack[0], (request["function"],), "the innermost frame")
    # What equals no number of a row finds none, and says so in no other way.
    for value in ("NULL", "'x'", "-1", "1e30", "0.5", "99999999999", "x'00'"):
        for where in ("objects WHERE id", "objects WHERE type", "objects WHERE address", "objects WHERE site", "edges WHERE target", "edges WHERE source",
                      "frames WHERE site", "types WHERE id", "types WHERE name", "sites WHERE parent", "labels WHERE id", "objects WHERE value_id"):
            equal(cells(box, folder, "SELECT count(*) FROM %s = %s" % (where, value)), [(0,)], "%s = %s" % (where, value))
    equal(cells(box, folder, "SELECT count(*) FROM objects WHERE type = 'STR' COLLATE NOCASE"),
          cells(box, folder, "SELECT count(*) FROM objects WHERE type = 'str'"), "another collation")


@interpreters(one)
def test_sqlite_file_has_what_query_answers(box):
    run = box.sample("service.py", options=("--lives",))
    path = box.path("service.db")
    box.command([box.ouro, "export", run.folder, "--format", "sqlite", "-o", path]).succeeds()
    equal(os.stat(path).st_mode & 0o777, 0o600, "who may read the file")
    names = re.findall(r"^(\w+)(?: \(view\))?:", box.command([box.ouro, "query", run.folder]).succeeds().out, re.M)
    expect(len(names) >= 18, "few tables: %r" % names)
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as database:
        for name in names:
            statement = "SELECT * FROM %s" % name
            cursor = database.execute(statement)
            filed = [tuple(row) for row in cursor]
            asked = rows(box, run.folder, statement)
            if asked:
                equal([column[0] for column in cursor.description], list(asked[0]), "columns of " + name)
            equal(sorted(map(repr, filed)), sorted(repr(tuple(row.values())) for row in asked), "rows of " + name)
        equal(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)], "the file's own check")


def page():
    with open(os.path.join(ROOT, "docs", "query.md")) as file:
        return file.read()


@interpreters(some)
def test_worked_queries_have_answers(box):
    folder = box.sample("service.py").folder
    path = box.path("service.db")
    box.command([box.ouro, "export", folder, "--format", "sqlite", "-o", path]).succeeds()
    statements = re.findall(r"```sql\n(.*?)```", page(), re.S)
    expect(len(statements) >= 12, "the page has few statements")
    with sqlite3.connect(path) as database:
        for statement in statements:
            answer = cells(box, folder, statement)
            expect(answer or "unknown holder" in statement, "no rows: " + statement)
            if "LIMIT" not in statement:  # rows of the same rank may come in any order
                equal(sorted(map(repr, map(tuple, database.execute(statement)))), sorted(map(repr, answer)), statement)


@interpreters(one)
def test_page_lists_the_tables_there_are(box):
    folder = box.sample("service.py").folder
    listed = re.search(r"```text\n(.*?)```", page(), re.S).group(1)
    equal(listed, box.command([box.ouro, "query", folder]).succeeds().out, "tables in docs/query.md")


REFUSED = [
    ("SELECT tpye FROM objects", "no such column: tpye, did you mean 'type'?"),
    ("SELECT * FROM objets", "no such table: objets, did you mean 'objects'?"),
    ("SELEC 1", 'near "SELEC": syntax error'),
    ("SELECT 1 FROM\n\x1b[31mobjects WHERE ;", None),
    ("", "no statement"),
    ("  -- only a remark", "no statement"),
    ("SELECT 1; SELECT 2", "one statement at a time"),
    ("SELECT 1; DROP", "one statement at a time"),
    ("DELETE FROM objects", "may not be modified"),
    ("UPDATE objects SET size = 0", "may not be modified"),
    ("INSERT INTO objects(id) VALUES (1)", "INSERT is not allowed"),
    ("DROP TABLE objects", None),
    ("DROP VIEW links", None),
    ("CREATE TABLE mine(a)", "CREATE is not allowed"),
    ("CREATE TEMP TABLE mine AS SELECT 1", "CREATE is not allowed"),
    ("CREATE VIRTUAL TABLE mine USING fts5(a)", None),
    ("CREATE TRIGGER mine AFTER INSERT ON objects BEGIN SELECT 1; END", None),
    ("ALTER TABLE objects RENAME TO mine", None),
    ("ATTACH '/tmp/ouro-must-not-be-made.db' AS other", "ATTACH is not allowed"),
    ("VACUUM INTO '/tmp/ouro-must-not-be-made.db'", None),
    ("VACUUM", None),
    ("PRAGMA temp_store_directory = '/'", "PRAGMA is not allowed"),
    ("PRAGMA writable_schema = 1", "PRAGMA is not allowed"),
    ("SELECT * FROM pragma_database_list", None),
    ("BEGIN", "BEGIN is not allowed"),
    ("SELECT load_extension('/tmp/none.so')", None),
    ("SELECT fts3_tokenizer('simple')", None),
    ("SELECT randomblob(2000000000)", "too big"),
    ("SELECT zeroblob(2000000000)", "too big"),
    ("SELECT length(replace(hex(zeroblob(5000000)), '0', hex(zeroblob(1000))))", "too big"),
    ("SELECT group_concat(hex(zeroblob(1000000))) FROM (SELECT 1 FROM objects LIMIT 20)", "too big"),
    ("SELECT " + "(" * 3000 + "1" + ")" * 3000, None),
    ("SELECT " + " + ".join(["1"] * 5000), None),
    ("SELECT 1 " + "UNION ALL SELECT 1 " * 2000, None),
    ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c", "stopped after 1 s"),
    ("WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x + 1 FROM c) SELECT max(x) FROM c", "stopped after 1 s"),
    ("SELECT count(*) FROM edges a, edges b, edges c, edges d WHERE a.label < b.label AND c.label > d.label", "stopped after 1 s"),
    ("SELECT count(*) FROM objects a JOIN objects b ON a.size + b.size < 0 JOIN objects c ON a.size < c.size", "stopped after 1 s"),
    # One function that takes an hour, and never looks at the clock.
    ("SELECT instr(hex(zeroblob(8000000)), hex(zeroblob(900000)) || '1')", "stopped after 1 s"),
]


@interpreters(one)
def test_query_refuses_what_is_no_question(box):
    folder = box.sample("service.py").folder
    before = {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}
    for statement, said in REFUSED:
        seconds = "1" if said and "stopped" in said else "60"
        result = box.command([box.ouro, "query", folder, "--timeout", seconds, "-"], stdin=statement)
        what = "%.80s\n%s" % (statement, result)
        equal(result.code, 2, "exit code of " + what)
        equal(result.out, "", "output of " + what)
        expect(re.fullmatch(r"ouro: query: [^\n\x00-\x1f]+\n", result.err), "not one line: " + what)
        expect(said is None or said in result.err, "%r is not said: %s" % (said, what))
    equal({name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}, before, "files of the run")
    expect(not os.path.exists("/tmp/ouro-must-not-be-made.db"), "a statement made a file")


STRANGE = """
class Node: pass
node = Node()
strange = ["=1+1", "a,\\"b\\"", "</script>", "\\u202e\\x1b[31m", "\\x00", "\\ud800 \\U0001f40d", "line\\nbreak"]
for text in strange:
    node.__dict__[text + "!"] = [(text + "?" * n)[:-n] for n in range(1, 3)]
"""


@interpreters(one)
@cases(["table", "csv", "json", "ndjson"])
def test_query_prints_hostile_values_inert(box, form):
    run = box.script(STRANGE).succeeds()
    made = "char(27) || '[31m', cast(x'ff41c3' AS TEXT), char(0, 13, 10, 8238), x'0a00ff', 1e999, NULL, '=1+1', '\"', 0.1"
    statement = "SELECT value, %s FROM objects WHERE type = 'str' AND value IS NOT NULL UNION ALL SELECT name, %s FROM edges WHERE name IS NOT NULL" % (made, made)
    result = box.command([box.ouro, "query", run.folder, "-", "--limit", "0", "--format", form], stdin=statement).succeeds()
    controls = set(re.findall("[\x00-\x09\x0b-\x1f\x7f]", result.out))
    if form == "json":
        printed = [list(row.values()) for row in json.loads(result.out)]
    elif form == "ndjson":
        printed = [list(json.loads(line).values()) for line in result.out.splitlines()]
    elif form == "csv":
        printed = list(csv.reader(io.StringIO(result.out, newline="")))[1:]
        controls.discard("\r")
    else:
        printed = [line.split("  ") for line in result.out.splitlines()[2:]]
    equal(controls, set(), "control characters")
    equal({len(row) for row in printed} if form != "table" else {10}, {10}, "cells of rows")
    expect(any("</script>!" in row[0] for row in printed), "a key is gone")
    if form == "csv":
        expect(all(row[7] == "'=1+1" and row[6] == "" for row in printed), printed[0])
    if form.endswith("json"):
        equal(printed[0][2:4], ["\ufffdA\ufffd", "\x00\r\n\u202e"], "texts that a statement made")


@interpreters(one)
def test_query_says_that_rows_are_missing(box):
    folder = box.sample("service.py").folder
    result = box.command([box.ouro, "query", folder, "SELECT id FROM objects"]).succeeds()
    equal(len(result.out.splitlines()), 1002, "lines of 1,000 rows")
    equal(result.err, "ouro: query: cut after 1000 rows; --limit N prints more, 0 all\n", "what is said")
    result = box.command([box.ouro, "query", folder, "SELECT id FROM objects LIMIT 3", "--limit", "3", "--format", "csv"]).succeeds()
    equal((result.out, result.err), ("id\r\n0\r\n1\r\n2\r\n", ""), "rows that are just as many")
    result = box.command([box.ouro, "query", folder, "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a", "--format", "ndjson"]).succeeds()
    equal(json.loads(result.out), {"a": 1, "a_2": 2, "a_2_2": 3, "a_3": 4}, "columns of one name")
    result = box.command([box.ouro, "query", folder, "SELECT 1 WHERE 0", "--format", "json"]).succeeds()
    equal(json.loads(result.out), [], "no rows")


@interpreters(one)
def test_query_of_a_run_without_a_snapshot(box):
    run = box.record("-c", "import os; x = [str(n) for n in range(99999)]; os.kill(os.getpid(), 9)")
    result = box.command([box.ouro, "query", run.folder, "SELECT (SELECT count(*) FROM objects) || ' ' || (SELECT count(*) > 0 FROM sites), "
                          "(SELECT count(*) FROM edges, roots, types, cycles, duplicates, labels, links, garbage)", "--format", "ndjson"]).succeeds()
    expect(list(json.loads(result.out).values()) == ["0 1", 0], result)
    expect("no whole snapshot" in result.err, result)
    box.command([box.ouro, "export", run.folder, "--format", "sqlite", "-o", box.path("a.db")]).succeeds()
