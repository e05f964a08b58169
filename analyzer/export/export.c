/* SPDX-License-Identifier: MIT */
#include "export/export.h"

#include "export/heapsnapshot.h"
#include "export/pprof.h"
#include "export/records.h"

const struct export_format export_formats[] = {
    {.name = "ndjson",
     .help = "records, one JSON object a line",
     .what = "lives|sites|epochs|objects|edges",
     .needs_snapshot = "objects|edges",
     .write = ndjson_write},
    {.name = "csv",
     .help = "the same records, RFC 4180",
     .what = "lives|sites|epochs|objects|edges",
     .needs_snapshot = "objects|edges",
     .write = csv_write},
    {.name = "heapsnapshot",
     .help = "the heap for Chrome DevTools and memlab (.heapsnapshot)",
     .needs_snapshot = "",
     .write = heapsnapshot_write},
    {.name = "pprof",
     .help = "call stacks for `go tool pprof`, Pyroscope, Parca",
     .binary = true,
     .write = pprof_write},
    {.name = NULL},
};
