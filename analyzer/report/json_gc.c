/* SPDX-License-Identifier: MIT */
/* The cyclic collector: its state, its runs, and what it freed. */
#include "report/json_writer.h"

static json_t *numbers(const uint64_t *items, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        array = json_append(array, json_number(items[i]));
    return array;
}

/* Sums over pauses are only known if pauses are. */
static json_t *pause(const struct collector *c, const struct generation *g, uint64_t ns)
{
    return g->timed || (c->followed && !g->runs) ? json_seconds(ns) : json_null();
}

static json_t *freed(const struct collector *c, uint64_t figure)
{
    return c->followed ? json_number(figure) : json_null();
}

static json_t *generation_element(const struct report *report, uint32_t index)
{
    const struct collector *c = &report->collector;
    const struct generation *g = &c->generations[index];
    json_t *o = json_with(json_object(), "generation", json_number(index));
    o = json_with(o, "runs", json_number(g->runs));
    o = json_with(o, "timed", json_number(g->timed));
    o = json_with(o, "pause_total", pause(c, g, g->pause));
    o = json_with(o, "pause_max", pause(c, g, g->longest));
    o = json_with(o, "collected", json_number(g->objects));
    o = json_with(o, "freed_blocks", json_number(g->blocks));
    return json_with(o, "freed_bytes", json_number(g->bytes));
}

static json_t *type_element(const struct report *report, uint32_t index)
{
    const struct collected_type *type = &report->collector.types[index];
    json_t *o = json_with(json_object(), "type", json_text_or_null(type->type));
    o = json_with(o, "objects", json_number(type->objects));
    return json_with(o, "bytes", json_number(type->bytes));
}

static json_t *line_element(const struct report *report, uint32_t index)
{
    const struct churn_site *line = &report->churn.by_line[report->collector.lines[index]].total;
    json_t *o = json_with(json_object(), "type", json_text_or_null(line->type));
    o = json_with(o, "objects", json_number(line->deaths[1]));
    o = json_with(o, "bytes", json_number(line->collected_bytes));
    return json_with_place(o, report, line->site);
}

void json_gc_write(struct writer *w)
{
    const struct collector *c = &w->report->collector;
    const struct snapshot *s = w->report->snapshot;
    const struct gc_state none = {0}, *gc = s ? &s->gc : &none;
    bool known = c->all.timed || (c->followed && !c->all.runs);
    double share = c->run_time ? (double)c->all.pause / (double)c->run_time : 0;
    writer_member(w, "\"gc\": {\"enabled\": ", s ? json_boolean(gc->enabled) : json_null());
    writer_member(w, ", \"thresholds\": ", numbers(gc->threshold, gc->generations));
    writer_member(w, ", \"counts\": ", numbers(gc->count, gc->generations));
    writer_member(w, ", \"frozen\": ", json_number(gc->frozen));
    writer_list(w, ",\n\"collections\": [", c->generation_count, REPORT_ALL, generation_element);
    writer_member(w, ",\n\"runs\": ", json_number(c->all.runs));
    writer_member(w, ", \"timed\": ", json_number(c->all.timed));
    writer_member(w, ", \"pause_total\": ", pause(c, &c->all, c->all.pause));
    writer_member(w, ", \"pause_share\": ", known ? json_real(share) : json_null());
    writer_member(w, ", \"freed_objects\": ", freed(c, c->objects));
    writer_member(w, ", \"freed_bytes\": ", freed(c, c->bytes));
    writer_member(w, ", \"plain_blocks\": ", json_number(c->plain_blocks));
    writer_member(w, ", \"plain_bytes\": ", json_number(c->plain_bytes));
    writer_member(w, ", \"estimated\": ", json_boolean(w->report->process->sample));
    writer_list(w, ",\n\"by_type\": [", c->type_count, writer_top(w, REPORT_ALL), type_element);
    writer_list(w, ",\n\"by_line\": [", c->line_count, writer_top(w, REPORT_ALL), line_element);
    json_shapes_write(w);
    writer_text(w, "}");
}
