# SPDX-License-Identifier: MIT
"""Makes a C file of the frame of HTML reports, cut at the mark where their data goes."""
import sys

MARK = b"<!--data-->"

with open(sys.argv[1], "rb") as file:
    parts = file.read().split(MARK)
if len(parts) != 2:
    sys.exit("%s: the mark %s is there %d times" % (sys.argv[1], MARK.decode(), len(parts) - 1))
with open(sys.argv[2], "w") as out:
    out.write("/* Generated from html/frame.html. */\n#include \"export/html_page.h\"\n")
    for name, part in zip(("head", "tail"), parts):
        out.write("const unsigned char html_frame_%s[] = {" % name)
        for at in range(0, len(part), 32):
            out.write("\n" + "".join("%d," % byte for byte in part[at:at + 32]))
        out.write("\n};\nconst size_t html_frame_%s_size = %d;\n" % (name, len(part)))
