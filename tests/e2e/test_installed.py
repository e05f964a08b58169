# SPDX-License-Identifier: MIT
"""What `meson install` puts somewhere: it works there, wherever that is, and can be taken away."""

import json
import os
import re
import stat
import sys

from comparing import valid
from harness import SAMPLES, Interpreter, equal, expect, interpreters, unsupported

COMMAND = re.compile(r"^  ([a-z-]+)  ", re.M)
OPTION = re.compile(r"^  (?:-(\w), |    )--([a-z-]+)", re.M)


def own(box):
    """The interpreter that runs the tests."""
    return Interpreter("own", "%d.%d.%d" % sys.version_info[:3], sys.executable, "own")


def commands(box):
    text = box.command([box.ouro, "--help"]).succeeds().out
    return [name for name in COMMAND.findall(text) if name not in ("ouro", "help")]


def files_below(folder):
    return sorted(os.path.relpath(os.path.join(place, name), folder)
                  for place, _, names in os.walk(folder) for name in names)


def only(files, pattern):
    found = [file for file in files if re.search(pattern, file)]
    equal(len(found), 1, "installed files like %s: %s" % (pattern, found))
    return found[0]


def check_works(box, ouro):
    """A program is recorded and reported by that ouro, which finds its own library."""
    done = box.command([ouro, "run", "-q", "-o", box.folder_for_run(), "--", box.python.path,
                        os.path.join(SAMPLES, "tree.py")]).succeeds()
    run = box.path("run%d.ouro" % box.runs)
    report = json.loads(box.command([ouro, "report", "--format", "json", run]).succeeds().out)
    expect(report["cycles"]["groups"], "the report has no cycle\n%s" % done)
    checks = json.loads(box.command([ouro, "doctor", "--json", box.python.path]).succeeds().out)["checks"]
    library = [check["text"] for check in checks if check["subject"] == "library"]
    root = os.path.realpath(ouro).rsplit("/bin/", 1)[0]
    expect(library[0].startswith(root + "/"), "the library in use is not the installed one: %s" % library)


def check_manuals(box, root, files):
    expected = {"ouro.1", "ouro-trace.5"} | {"ouro-%s.1" % name for name in commands(box)}
    pages = {os.path.basename(file): file for file in files if "/man/" in file}
    equal(set(pages), expected, "manual pages")
    for name in commands(box):
        text = open(os.path.join(root, pages["ouro-%s.1" % name])).read().replace("\\-", "-")
        for letter, option in OPTION.findall(box.command([box.ouro, name, "--help"]).succeeds().out):
            expect("\\fB--%s\\fR" % option in text, "ouro-%s(1) has no --%s" % (name, option))
            expect(not letter or "\\fB-%s\\fR" % letter in text, "ouro-%s(1) has no -%s" % (name, letter))


def check_modes(root, files):
    for file in files:
        mode = stat.S_IMODE(os.stat(os.path.join(root, file)).st_mode)
        expect(not mode & 0o022, "%s can be written by others (%o)" % (file, mode))
        wanted = 0o755 if "/bin/" in file else 0o444
        equal(mode & wanted, wanted, "what everybody may do with %s" % file)


def test_an_installed_copy_works_anywhere_and_can_be_removed(box):
    box.need("meson")
    box.python = own(box)
    stage = {"DESTDIR": box.path("stage")}
    done = box.command(["meson", "install", "-C", box.build, "--no-rebuild"], env=stage)
    expect(done.code == 0, "meson install\n%s" % done)
    files = files_below(box.path("stage"))
    check_modes(box.path("stage"), files)
    check_manuals(box, box.path("stage"), files)
    only(files, r"/bash-completion/completions/ouro$")
    only(files, r"/_ouro$")
    only(files, r"/fish/.*/ouro\.fish$")
    for name in (only(files, r"/bin/ouro$"), only(files, r"/libouro\.so$")):
        dynamic = box.command(["readelf", "-d", box.path("stage", name)])
        expect("RPATH" not in dynamic.out and "RUNPATH" not in dynamic.out,
               "%s looks for libraries in a folder of the build\n%s" % (name, dynamic))
    check_works(box, box.path("stage", only(files, r"/bin/ouro$")))
    box.command(["meson", "--internal", "uninstall"], env=stage, cwd=box.build).succeeds()
    equal(files_below(box.path("stage")), [], "files after uninstall")

    # Moved as a whole, as an archive that somebody unpacks.
    box.command(["meson", "install", "-C", box.build, "--no-rebuild"], env=stage).succeeds()
    prefix = os.path.dirname(os.path.dirname(box.path("stage", only(files, r"/bin/ouro$"))))
    os.rename(prefix, box.path("elsewhere"))
    check_works(box, box.path("elsewhere", "bin", "ouro"))


def complete(box, script, *words):
    """What bash offers for the last of the words."""
    text = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ouro; printf "%s\\n" "${COMPREPLY[@]}"'
    return set(box.command(["bash", "-c", text, script, *words]).succeeds().out.split())


def test_bash_completes_commands_options_and_choices(box):
    script = box.write("ouro.bash", box.command([box.ouro, "help", "--completion", "bash"]).succeeds().out)
    equal(complete(box, script, "ouro", ""), set(commands(box)) | {"help"}, "what follows ouro")
    equal(complete(box, script, "ouro", "rep"), {"report"}, "what follows 'ouro rep'")
    equal(complete(box, script, "ouro", "cycles", "--format", ""), {"text", "json", "dot", "markdown"},
          "formats of ouro cycles")
    equal(complete(box, script, "ouro", "report", "-f", "j"), {"json"}, "formats of ouro report that begin with j")
    for name in commands(box):
        listed = {"--" + option for _, option in OPTION.findall(box.command([box.ouro, name, "--help"]).out)}
        equal(complete(box, script, "ouro", name, "--"), listed, "options of ouro %s" % name)


def test_zsh_and_fish_take_their_completions(box):
    missing = []
    for shell in ("zsh", "fish"):
        script = box.write("ouro." + shell, box.command([box.ouro, "help", "--completion", shell]).succeeds().out)
        for name in commands(box):
            expect(name in box.read("ouro." + shell), "%s does not complete %s" % (shell, name))
        try:
            done = box.command([shell, "-n", script])
            expect(done.code == 0 and not done.err, "%s does not take its completions\n%s" % (shell, done))
        except FileNotFoundError:
            missing.append(shell)
    if missing:
        box.skip("not installed: %s" % ", ".join(missing))


def test_manual_pages_are_without_warnings(box):
    box.need("groff")
    for name in commands(box):
        page = box.write("page.1", box.command([box.ouro, "help", "--man", name]).succeeds().out)
        done = box.command(["groff", "-man", "-t", "-ww", "-z", "-Tutf8", "-k", page])
        expect(done.code == 0 and not done.err, "groff on ouro-%s(1)\n%s" % (name, done))


def doctor(box, *options, **more):
    done = box.command([box.ouro, "doctor", "--json", *options, box.python.path], **more)
    try:
        result = json.loads(done.out)
    except ValueError:
        expect(False, "ouro doctor --json prints no JSON\n%s" % done)
    valid(result, "doctor")
    levels = ("ok", "degraded", "unusable")
    equal(result["verdict"], max((check["level"] for check in result["checks"]), key=levels.index), "the verdict")
    for check in result["checks"]:
        expect(check["text"] and bool(check["advice"]) <= (check["level"] != "ok"), "what the doctor says: %s" % check)
    return done.code, result["verdict"], {check["subject"]: check for check in result["checks"]}


@interpreters()
def test_the_doctor_knows_the_interpreter(box):
    code, verdict, checks = doctor(box)
    equal(code, 0, "exit code")
    version = ".".join(map(str, box.python.version))
    expect(version in checks["interpreter"]["text"], "the version %s: %s" % (version, checks["interpreter"]))
    equal("no global lock" in checks["interpreter"]["text"], box.python.lockless, "free-threaded")
    equal(checks["stacks"]["level"], "ok" if box.python.minor >= (3, 13) else "degraded", "stacks")
    equal(checks["snapshots"]["level"], "ok", "snapshots: %s" % checks["snapshots"])
    expect(verdict in ("ok", "degraded"), "verdict %s" % verdict)


@interpreters(unsupported)
def test_the_doctor_refuses_what_cannot_be_recorded(box):
    code, verdict, checks = doctor(box)
    equal((code, verdict), (1, "unusable"), "exit code and verdict")
    equal(checks["interpreter"]["level"], "unusable", "the interpreter")


def test_the_doctor_sees_what_is_in_the_way(box):
    box.python = own(box)
    limited = ["sh", "-c", 'ulimit -f 64; ulimit -n 20; exec "$0" "$@"', box.ouro]
    environment = {"PYTHONTRACEMALLOC": "1", "PYTHONMALLOC": "malloc"}
    done = box.command([*limited, "doctor", "--json", box.python.path], env=environment)
    checks = {check["subject"]: check["level"] for check in json.loads(done.out)["checks"]}
    for subject in ("file size", "descriptors", "PYTHONTRACEMALLOC", "PYTHONMALLOC"):
        equal(checks.get(subject), "degraded", subject)
    code, _, checks = doctor(box, "-o", box.path("nowhere"))
    equal((code, checks["folder"]["level"]), (1, "unusable"), "a folder that is not there")
    box.python.path = box.path("python-nowhere")
    equal(doctor(box)[:2], (1, "unusable"), "an interpreter that is not there")


def test_the_doctor_needs_no_standard_streams(box):
    box.python = own(box)
    done = box.command(["sh", "-c", '"$0" "$@" <&-', box.ouro, "doctor", "-o", box.folder, box.python.path]).succeeds()
    expect("can be recorded" in done.out, "with standard input closed\n%s" % done)
    box.command(["sh", "-c", '"$0" "$@" <&- 2>&- >out', box.ouro, "doctor", "-o", box.folder, box.python.path]).succeeds()
    expect("can be recorded" in box.read("out"), "with two of them closed: %s" % box.read("out"))


def test_the_doctor_leaves_nothing_behind(box):
    box.python = own(box)
    doctor(box, env={"TMPDIR": box.folder})
    equal(os.listdir(box.folder), [], "what is left in the temporary folder")
