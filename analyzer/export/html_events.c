/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "export/html_parts.h"
#include "export/html_text.h"

struct event {
    const struct collection *collection;
    uint32_t number;
};

static int longest_first(const void *left, const void *right)
{
    const struct event *a = left, *b = right;
    if (a->collection->pause != b->collection->pause)
        return a->collection->pause < b->collection->pause ? 1 : -1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int first_first(const void *left, const void *right)
{
    const struct event *a = left, *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* The longest of the collections, in the order in which they ran. */
static int collections_write(FILE *out, const struct process *p, uint32_t most)
{
    uint32_t count = p->collection_count;
    struct event *events = malloc(((size_t)count + 1) * sizeof *events);
    if (!events)
        return -1;
    for (uint32_t i = 0; i < count; i++)
        events[i] = (struct event){&p->collections[i], i};
    if (count > most) {
        qsort(events, count, sizeof *events, longest_first);
        qsort(events, most, sizeof *events, first_first);
    }
    fprintf(out, "{\"collections_more\": %" PRIu32 ", \"collections\": [",
            count > most ? count - most : 0);
    for (uint32_t i = 0; i < count && i < most; i++) {
        const struct collection *c = events[i].collection;
        fprintf(out, "%s[%.9f,%.9f,%" PRIu32 ",%" PRIu64 ",%.0f]", i ? ",\n" : "\n",
                (double)c->start / 1e9, (double)c->pause / 1e9, c->generation, c->objects,
                (double)c->bytes / (p->unit > 1 ? p->unit : 1));
    }
    fputs("]", out);
    free(events);
    return 0;
}

int html_events_write(FILE *out, const struct report *report, uint32_t most)
{
    const struct process *p = report->process;
    if (collections_write(out, p, most) < 0)
        return -1;
    fprintf(out, ",\n\"end\": %.9f, \"start\": %.3f, \"marks_more\": %" PRIu32 ", \"marks\": [",
            (double)p->end_time / 1e9, (double)p->wall / 1e9,
            p->mark_count > most ? p->mark_count - most : 0);
    for (uint32_t i = 0; i < p->mark_count && i < most; i++) {
        fprintf(out, "%s[%.9f", i ? ",\n" : "\n", (double)p->marks[i].time / 1e9);
        html_string(out, ",", p->marks[i].name);
        fputs("]", out);
    }
    fputs("],\n\"children\": [", out);
    for (uint32_t i = 0; i < p->child_count && i < most; i++)
        fprintf(out, "%s[%.9f,%" PRIu64 "]", i ? "," : "", (double)p->children[i].time / 1e9,
                p->children[i].pid);
    fputs("]}", out);
    return 0;
}
