/* SPDX-License-Identifier: MIT */
#include "export/export.h"

#include <string.h>

#include "export/dot.h"
#include "export/heapsnapshot.h"
#include "export/html.h"
#include "export/pprof.h"
#include "export/records.h"
#include "export/stacks.h"
#include "sql/file.h"

const struct export_format export_formats[] = {
    {.name = "ndjson",
     .help = "records, one JSON object a line",
     .what = "findings|figures|lives|sites|epochs|objects|edges|native",
     .needs_snapshot = "objects|edges",
     .write = ndjson_write},
    {.name = "csv",
     .help = "the same records, RFC 4180",
     .what = "findings|figures|lives|sites|epochs|objects|edges|native",
     .needs_snapshot = "objects|edges",
     .write = csv_write},
    {.name = "heapsnapshot",
     .help = "the heap for Chrome DevTools and memlab (.heapsnapshot)",
     .needs_snapshot = "",
     .binary = true,
     .write = heapsnapshot_write},
    {.name = "pprof",
     .help = "call stacks for `go tool pprof`, Pyroscope, Parca",
     .what = "objects|native",
     .what_default = true,
     .binary = true,
     .write = pprof_write},
    {.name = "speedscope",
     .help = "call stacks for speedscope",
     .what = "objects|native",
     .what_default = true,
     .write = speedscope_write},
    {.name = "collapsed",
     .help = "call stacks, one a line, for flamegraph.pl, inferno and others",
     .what = "inuse_space|inuse_objects|alloc_space|alloc_objects|peak_space|peak_objects|"
             "leaked_space|leaked_objects|native_inuse_space|native_inuse_objects|"
             "native_alloc_space|native_alloc_objects",
     .needs_snapshot = "leaked_space|leaked_objects",
     .what_default = true,
     .write = collapsed_write},
    {.name = "dot",
     .help = "graphs for Graphviz: leaked cycles, paths to what keeps most",
     .what = "cycles|paths",
     .needs_snapshot = "",
     .what_default = true,
     .write = dot_write},
    {.name = "html", .help = "a page to look at in a browser", .binary = true, .write = html_write},
    {.name = "sqlite",
     .help = "the tables of ouro query as an SQLite file",
     .write_file = sqlite_write_file},
    {.name = NULL},
};

bool export_is_native(const char *what)
{
    return what && strncmp(what, "native", 6) == 0;
}
