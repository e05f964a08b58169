/* SPDX-License-Identifier: MIT */
/* The heap: its snapshots and types, its size over time, and what it was at its peak. */
#include "report/json_writer.h"
#include "trace/trace_names.h"

/* Lines and types of the peak listed unless told otherwise: the rest is a long tail. */
#define PEAK_DEFAULT 200u

/* What a snapshot that was not loaded may not say. */
static json_t *json_said(uint64_t number)
{
    return number == UINT64_MAX ? json_null() : json_number(number);
}

static json_t *snapshot_element(const struct report *report, uint32_t index)
{
    const struct snapshot *s = &report->process->snapshots[index];
    json_t *o = json_object();
    o = json_with(o, "number", json_number(s->number));
    o = json_with(o, "reason", json_string(snapshot_reason_name(s->reason)));
    o = json_with(o, "time", json_seconds(s->time));
    o = json_with(o, "clock", json_number(s->clock));
    o = json_with(o, "pause", json_seconds(s->pause));
    o = json_with(o, "complete", json_boolean(s->whole && s->status == OURO_SNAPSHOT_COMPLETE));
    o = json_with(o, "reported", json_boolean(s == report->snapshot));
    o = json_with(o, "objects", json_said(s->objects));
    return json_with(o, "bytes", json_said(s->bytes));
}

static json_t *type_element(const struct report *report, uint32_t index)
{
    const struct heap_type *t = &report->heap.types[index];
    json_t *o = json_with(json_object(), "type", json_string(t->type));
    o = json_with(o, "count", json_number(t->count));
    o = json_with(o, "tracked", json_number(t->tracked));
    return json_with(o, "bytes", json_number(t->bytes));
}

static json_t *points(const struct timeline *t, uint64_t (*of)(const struct timeline *, uint32_t))
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < t->count; i++)
        array = json_append(array, json_number(of(t, i)));
    return array;
}

static uint64_t point_blocks(const struct timeline *t, uint32_t i)
{
    return t->points[i].blocks;
}

static uint64_t point_bytes(const struct timeline *t, uint32_t i)
{
    return t->points[i].bytes;
}

static json_t *times(const struct process *p)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < p->epoch_count; i++)
        array = json_append(array, json_seconds(p->epochs[i].time));
    return array;
}

static json_t *clocks(const struct process *p)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < p->epoch_count; i++)
        array = json_append(array, json_number(p->epochs[i].clock));
    return array;
}

static json_t *with_series(json_t *object, const struct timeline *t, const struct live_series *s)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < t->count; i++)
        array = json_append(array, json_number(s->bytes[i]));
    return json_with(object, "bytes", array);
}

static json_t *type_series(const struct report *report, uint32_t index)
{
    const struct timeline *t = &report->timeline;
    const struct live_series *s = &t->type_series[index];
    json_t *o = json_with(json_object(), "type", json_text_or_null(t->by_type[s->number].type));
    return with_series(o, t, s);
}

static json_t *line_series(const struct report *report, uint32_t index)
{
    const struct timeline *t = &report->timeline;
    const struct live_series *s = &t->line_series[index];
    const struct live_site *total = &t->by_line[s->number].total;
    json_t *o = json_frame(report->process, total->site);
    return with_series(json_with(o, "type", json_text_or_null(total->type)), t, s);
}

static void timeline_write(struct writer *w)
{
    const struct report *r = w->report;
    const struct timeline *t = &r->timeline;
    writer_member(w, ",\n\"timeline\": {\"time\": ", times(r->process));
    writer_member(w, ",\n\"clock\": ", clocks(r->process));
    writer_member(w, ",\n\"blocks\": ", points(t, point_blocks));
    writer_member(w, ",\n\"bytes\": ", points(t, point_bytes));
    writer_member(w, ",\n\"estimated\": ", json_boolean(r->process->sample));
    writer_list(w, ",\n\"types\": [", t->type_series_count, REPORT_ALL, type_series);
    writer_list(w, ",\n\"sites\": [", t->line_series_count, REPORT_ALL, line_series);
    writer_text(w, "}");
}

static json_t *with_live(json_t *object, const struct live *live)
{
    return json_with(json_with(object, "blocks", json_number(live->blocks)), "bytes",
                     json_number(live->bytes));
}

static json_t *peak_type(const struct report *report, uint32_t index)
{
    const struct live_type *type = &report->timeline.by_type[index];
    return with_live(json_with(json_object(), "type", json_text_or_null(type->type)), &type->live);
}

static json_t *peak_site(const struct report *report, uint32_t index)
{
    const struct live_site *site = &report->timeline.sites[index];
    json_t *o = json_with(json_object(), "type", json_text_or_null(site->type));
    return json_with_place(with_live(o, &site->live), report, site->site);
}

static void peak_write(struct writer *w)
{
    const struct timeline *t = &w->report->timeline;
    if (t->peak == NO_ID) {
        writer_text(w, ",\n\"peak\": null");
        return;
    }
    const struct epoch *epoch = &w->report->process->epochs[t->peak];
    writer_member(w, ",\n\"peak\": {\"epoch\": ", json_number(epoch->number));
    writer_member(w, ", \"time\": ", json_seconds(epoch->time));
    writer_member(w, ", \"clock\": ", json_number(epoch->clock));
    writer_member(w, ", \"blocks\": ", json_number(t->points[t->peak].blocks));
    writer_member(w, ", \"bytes\": ", json_number(t->points[t->peak].bytes));
    writer_member(w, ", \"resting_blocks\": ", json_number(t->resting.blocks));
    writer_member(w, ", \"resting_bytes\": ", json_number(t->resting.bytes));
    writer_list(w, ",\n\"types\": [", t->type_count, writer_top(w, PEAK_DEFAULT), peak_type);
    writer_list(w, ",\n\"sites\": [", t->site_count, writer_top(w, PEAK_DEFAULT), peak_site);
    writer_text(w, "}");
}

void json_heap_write(struct writer *w)
{
    const struct report *r = w->report;
    const struct heap *h = &r->heap;
    writer_member(w, "\"heap\": {\"objects\": ", json_number(h->objects));
    writer_member(w, ", \"bytes\": ", json_number(h->bytes));
    writer_member(w, ", \"bytes_native\": ", json_number(h->native));
    writer_member(w, ", \"edges\": ", json_number(h->edges));
    writer_member(w, ", \"coverage\": ", r->snapshot ? json_real(h->coverage) : json_null());
    writer_member(w, ", \"negative_residuals\": ", json_number(r->garbage.negative_count));
    writer_member(w,
                  ", \"unexplained\": {\"objects\": ", json_number(r->garbage.unexplained_objects));
    writer_member(w, ", \"references\": ", json_number(r->garbage.unexplained_references));
    writer_text(w, "}");
    writer_list(w, ",\n\"snapshots\": [", r->process->snapshot_count, REPORT_ALL, snapshot_element);
    writer_list(w, ",\n\"types\": [", h->type_count, writer_top(w, REPORT_ALL), type_element);
    timeline_write(w);
    peak_write(w);
    writer_text(w, "}");
}
