/* SPDX-License-Identifier: MIT */
/* Leaked cycles as a graph for Graphviz: a ring for each kind, the reference to cut dashed. */
#include <inttypes.h>

#include "report/dot.h"
#include "report/report.h"
#include "text/human.h"

static void group(FILE *out, const struct cycle_group *g, uint32_t number)
{
    fprintf(out, "  subgraph cluster_%" PRIu32 " {\n    label=\"%s %s\\n%s cycle%s, %s\";\n",
            number, g->signature, verdict_name(g->verdict), human_count(g->count).text,
            g->count == 1 ? "" : "s", human_bytes(g->bytes).text);
    for (uint32_t i = 0; i < g->path_count; i++) {
        fprintf(out, "    n%" PRIu32 "_%" PRIu32 " [label=\"", number, i);
        dot_quoted(out, g->path[i].type);
        fputs("\"];\n", out);
    }
    bool cut_off = g->path_count < g->path_length && !g->path_periodic;
    for (uint32_t i = 0; i < g->path_count; i++) {
        bool last = i + 1 == g->path_count;
        fprintf(out, "    n%" PRIu32 "_%" PRIu32 " -> n%" PRIu32 "_%" PRIu32 " [label=\"", number,
                i, number, last ? 0 : i + 1);
        dot_quoted(out, g->path[i].edge);
        fprintf(out, "\"%s%s];\n", i == g->fix.at ? ", style=dashed, color=red, fontcolor=red" : "",
                last && cut_off ? ", style=dotted" : "");
    }
    fputs("  }\n", out);
}

void report_cycles_dot(FILE *out, const struct report *report, uint32_t top)
{
    const struct cycles *c = &report->cycles;
    uint32_t shown = top ? top : 10;
    dot_begin(out, "cycles");
    for (uint32_t i = 0; i < c->group_count && i < shown; i++)
        group(out, &c->groups[i], i);
    fputs("}\n", out);
}
