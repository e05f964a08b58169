/* SPDX-License-Identifier: MIT */
/*
 * What keeps the heap alive as a graph for Graphviz: the objects that retain most, and the references
 * by which roots hold them. Paths that share objects share nodes.
 */
#include <inttypes.h>
#include <string.h>

#include "report/dot.h"
#include "report/report.h"
#include "text/human.h"

#define ENTRIES 20u

/* The step of an earlier path that is the same object; false: there is none. Roots that are no objects
 * are the same if they are called the same. */
static bool drawn_before(const struct retained_list *list, uint32_t entry, uint32_t step,
                         uint32_t *as_entry, uint32_t *as_step)
{
    const struct root_step *wanted = &list->entries[entry].path.steps[step];
    for (uint32_t e = 0; e <= entry; e++) {
        const struct root_path *path = &list->entries[e].path;
        uint32_t end = e == entry ? step : path->count;
        for (uint32_t i = 0; i < end; i++) {
            if (path->steps[i].object != wanted->object ||
                (wanted->object == NO_ID && strcmp(path->steps[i].type, wanted->type) != 0))
                continue;
            *as_entry = e;
            *as_step = i;
            return true;
        }
    }
    return false;
}

static void node_name(FILE *out, const struct retained_list *list, uint32_t entry, uint32_t step)
{
    uint32_t e = entry, i = step;
    drawn_before(list, entry, step, &e, &i);
    fprintf(out, "n%" PRIu32 "_%" PRIu32, e, i);
}

/* The entry of the list that is an object; NO_ID: none. */
static uint32_t entry_of(const struct retained_list *list, uint32_t shown, uint32_t object)
{
    for (uint32_t e = 0; e < shown && object != NO_ID; e++) {
        if (list->entries[e].object == object)
            return e;
    }
    return NO_ID;
}

static void node(FILE *out, const struct report *report, uint32_t shown, uint32_t entry,
                 uint32_t step)
{
    const struct retained_list *list = &report->retained;
    const struct root_step *s = &list->entries[entry].path.steps[step];
    uint32_t kept = entry_of(list, shown, s->object);
    fputs("  ", out);
    node_name(out, list, entry, step);
    fputs(" [label=\"", out);
    dot_quoted(out, s->type);
    if (kept != NO_ID) {
        const struct retained_entry *e = &list->entries[kept];
        fprintf(out, "\\nkeeps %s, %.1f %% of the heap", human_bytes(e->retained).text,
                report->heap.bytes ? 100.0 * (double)e->retained / (double)report->heap.bytes : 0);
    }
    fprintf(out, "\"%s%s];\n", kept != NO_ID ? ", style=filled, fillcolor=\"#fde9c9\"" : "",
            step == 0 ? ", shape=ellipse" : "");
}

/* Whether an earlier path has the same reference. */
static bool edge_drawn(const struct retained_list *list, uint32_t entry, uint32_t step)
{
    uint32_t from = entry, from_step = step, to = entry, to_step = step + 1;
    return drawn_before(list, entry, step, &from, &from_step) &&
           drawn_before(list, entry, step + 1, &to, &to_step) && from == to &&
           to_step == from_step + 1;
}

void report_retained_dot(FILE *out, const struct report *report, uint32_t top)
{
    const struct retained_list *list = &report->retained;
    uint32_t most = top == REPORT_DEFAULT ? ENTRIES : top, e, i;
    uint32_t shown = list->count < most ? list->count : most;
    dot_begin(out, "retained");
    fputs("  rankdir=LR;\n", out);
    for (uint32_t entry = 0; entry < shown; entry++) {
        const struct root_path *path = &list->entries[entry].path;
        for (uint32_t step = 0; step < path->count; step++) {
            if (!drawn_before(list, entry, step, &e, &i))
                node(out, report, shown, entry, step);
        }
        for (uint32_t step = 0; step + 1 < path->count; step++) {
            if (edge_drawn(list, entry, step))
                continue;
            fputs("  ", out);
            node_name(out, list, entry, step);
            fputs(" -> ", out);
            node_name(out, list, entry, step + 1);
            fputs(" [label=\"", out);
            dot_quoted(out, path->steps[step].edge);
            fputs("\"];\n", out);
        }
    }
    fputs("}\n", out);
}
