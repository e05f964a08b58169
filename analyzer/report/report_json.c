/* SPDX-License-Identifier: MIT */
/*
 * The report as JSON (docs/report.schema.json). One element of a list a line, written as soon as it
 * is made, so that memory does not grow with the report.
 */
#include <jansson.h>

#include "report/report.h"
#include "trace/trace_names.h"

/* Elements of the churn list unless told otherwise: the rest is a long tail of single allocations. */
#define CHURN_DEFAULT 2000u

struct writer {
    FILE *out;
    const struct report *report;
    uint32_t top;
    bool failed;
};

/* Writes one value and gives it back. NULL, for lack of memory, is a failure. */
static void value(struct writer *w, json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9);
    if (!json || json_dumpf(json, w->out, flags) < 0)
        w->failed = true;
    json_decref(json);
}

static void text(struct writer *w, const char *raw)
{
    fputs(raw, w->out);
}

static void member(struct writer *w, const char *before, json_t *json)
{
    text(w, before);
    value(w, json);
}

/* Writes a list, the elements of which are made one by one. */
static void list(struct writer *w, const char *before, uint32_t count, uint32_t most,
                 json_t *(*element)(const struct report *report, uint32_t index))
{
    text(w, before);
    for (uint32_t i = 0; i < count && i < most && !w->failed; i++)
        member(w, i ? ",\n" : "\n", element(w->report, i));
    text(w, "]");
}

static json_t *number(uint64_t n)
{
    return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *string_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

static json_t *frame(const struct process *process, uint32_t site)
{
    const char *file = "", *function = "";
    uint32_t line = 0;
    if (site)
        site_place(process, site, &file, &line, &function);
    return json_pack("{s:s, s:i, s:s}", "file", file, "line", (int)line, "function", function);
}

/* The whole stack of a site, the innermost frame first. */
static json_t *stack(const struct process *process, uint32_t site)
{
    json_t *frames = json_array();
    for (; site; site = process->sites[site].parent) {
        if (json_array_append_new(frames, frame(process, site)) < 0) {
            json_decref(frames);
            return NULL;
        }
    }
    return frames;
}

/* Adds a member to an object that may be NULL; on failure the object is gone and NULL is returned. */
static json_t *with(json_t *object, const char *key, json_t *member_)
{
    if (json_object_set_new(object, key, member_) < 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *append(json_t *array, json_t *element)
{
    if (json_array_append_new(array, element) < 0) {
        json_decref(array);
        return NULL;
    }
    return array;
}

static json_t *shares(const struct process *process, const struct site_share *sites, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++) {
        json_t *site = with(frame(process, sites[i].site), "share", json_real(sites[i].share));
        array = append(array, with(site, "stack", stack(process, sites[i].site)));
    }
    return array;
}

static json_t *arguments_json(const struct process *p)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < p->argument_count; i++)
        array = append(array, json_string(p->arguments[i]));
    return array;
}

static json_t *process_element(const struct report *report, uint32_t index)
{
    const struct process *p = &report->run->processes[index];
    json_t *o = json_object();
    o = with(o, "pid", number(p->pid));
    o = with(o, "parent_pid", number(p->parent_pid));
    o = with(o, "trace", json_string(p->file));
    o = with(o, "origin", json_string(p->origin == OURO_ORIGIN_FORK ? "fork" : "exec"));
    o = with(o, "argv", arguments_json(p));
    o = with(o, "exit_status", p->exit_status_known ? json_integer(p->exit_status) : json_null());
    o = with(o, "truncated", json_boolean(report_process_truncated(p)));
    return with(o, "snapshots", number(p->snapshot_count));
}

static void run_write(struct writer *w)
{
    const struct process *p = w->report->process;
    json_t *notices = json_array();
    for (uint32_t i = 0; i < w->report->notice_count; i++)
        notices = append(notices, json_string(w->report->notices[i]));
    member(w, "\"run\": {\"argv\": ", arguments_json(p));
    member(w, ", \"runtime\": ", json_sprintf("%s %s", p->runtime, p->runtime_version));
    member(w, ", \"pid\": ", number(p->pid));
    member(w, ", \"exit_status\": ",
           p->exit_status_known ? json_integer(p->exit_status) : json_null());
    member(w, ", \"truncated\": ", json_boolean(w->report->truncated));
    member(w, ", \"stacks\": ", json_string(report_stacks(p)));
    member(w, ", \"notices\": ", notices);
    list(w, ",\n\"processes\": [", w->report->run->process_count, REPORT_ALL, process_element);
    text(w, "}");
}

static json_t *snapshot_element(const struct report *report, uint32_t index)
{
    const struct snapshot *s = &report->process->snapshots[index];
    json_t *o = json_object();
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < s->object_count; i++)
        bytes += s->flags[i] & OURO_OBJECT_STATIC ? 0 : s->size[i];
    o = with(o, "number", number(s->number));
    o = with(o, "reason", json_string(snapshot_reason_name(s->reason)));
    o = with(o, "time", json_real((double)s->time / 1e9));
    o = with(o, "complete", json_boolean(s->whole && s->status == OURO_SNAPSHOT_COMPLETE));
    o = with(o, "reported", json_boolean(s == report->snapshot));
    o = with(o, "objects", number(s->object_count));
    return with(o, "bytes", number(bytes));
}

static json_t *type_element(const struct report *report, uint32_t index)
{
    const struct heap_type *t = &report->heap.types[index];
    json_t *o = with(json_object(), "type", json_string(t->type));
    o = with(o, "count", number(t->count));
    o = with(o, "tracked", number(t->tracked));
    return with(o, "bytes", number(t->bytes));
}

static void heap_write(struct writer *w)
{
    const struct report *r = w->report;
    const struct heap *h = &r->heap;
    member(w, "\"heap\": {\"objects\": ", number(h->objects));
    member(w, ", \"bytes\": ", number(h->bytes));
    member(w, ", \"edges\": ", number(h->edges));
    member(w, ", \"coverage\": ", r->snapshot ? json_real(h->coverage) : json_null());
    member(w, ", \"negative_residuals\": ", number(r->garbage.negative_count));
    list(w, ",\n\"snapshots\": [", r->process->snapshot_count, REPORT_ALL, snapshot_element);
    list(w, ",\n\"types\": [", h->type_count, w->top, type_element);
    text(w, "}");
}

static json_t *path_json(const struct cycle_group *g)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < g->path_count; i++) {
        json_t *step = with(json_object(), "type", json_string(g->path[i].type));
        array = append(array, with(step, "edge", json_string(g->path[i].edge)));
    }
    return array;
}

static json_t *break_json(const struct cycle_group *g)
{
    if (g->fix.at >= g->path_count)
        return json_null();
    json_t *o = with(json_object(), "type", json_string(g->path[g->fix.at].type));
    o = with(o, "edge", json_string(g->path[g->fix.at].edge));
    return with(o, "reason", json_string(g->fix.reason));
}

static json_t *holds_json(const struct cycle_group *g)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < g->hold_count; i++) {
        json_t *o = with(json_object(), "type", json_string(g->holds[i].type));
        o = with(o, "count", number(g->holds[i].count));
        array = append(array, with(o, "bytes", number(g->holds[i].bytes)));
    }
    return array;
}

static json_t *cycle_element(const struct report *report, uint32_t index)
{
    const struct cycle_group *g = &report->cycles.groups[index];
    json_t *o = with(json_object(), "signature", json_string(g->signature));
    o = with(o, "verdict", json_string(verdict_name(g->verdict)));
    o = with(o, "reason", json_string(g->reason));
    o = with(o, "count", number(g->count));
    o = with(o, "objects", number(g->objects));
    o = with(o, "bytes", number(g->bytes));
    o = with(o, "bytes_each", number(g->bytes / g->count));
    o = with(o, "path", path_json(g));
    o = with(o, "path_length", number(g->path_length));
    o = with(o, "break", break_json(g));
    o = with(o, "pattern", string_or_null(g->fix.pattern));
    o = with(o, "hint", string_or_null(g->fix.hint));
    o = with(o, "sites", shares(report->process, g->sites, g->site_count));
    o = with(o, "holds", holds_json(g));
    o = with(o, "age", g->age_known ? json_real(g->age) : json_null());
    return with(o, "new", json_null());
}

static void cycles_write(struct writer *w)
{
    const struct cycles *c = &w->report->cycles;
    member(w, "\"cycles\": {\"objects\": ", number(c->objects));
    member(w, ", \"bytes\": ", number(c->bytes));
    member(w, ", \"tracked\": ", number(c->collectable));
    member(w, ", \"count\": ", number(c->count));
    member(w, ", \"shared_objects\": ", number(c->shared_objects));
    member(w, ", \"shared_bytes\": ", number(c->shared_bytes));
    member(w, ", \"loose_bytes\": ", number(c->loose_bytes));
    list(w, ",\n\"groups\": [", c->group_count, w->top, cycle_element);
    text(w, "}");
}

static json_t *examples_json(const struct interning_group *g)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < g->example_count; i++) {
        const struct interning_example *e = &g->examples[i];
        json_t *shown = !e->value      ? json_null()
                        : e->truncated ? json_sprintf("%s…", e->value)
                                       : json_string(e->value);
        array =
            append(array, with(with(json_object(), "value", shown), "copies", number(e->copies)));
    }
    return array;
}

static json_t *interning_element(const struct report *report, uint32_t index)
{
    const struct interning_group *g = &report->interning.groups[index];
    json_t *o = with(json_object(), "type", json_string(g->type));
    o = with(o, "holder", json_string(g->holder));
    o = with(o, "copies", number(g->copies));
    o = with(o, "distinct", number(g->distinct));
    o = with(o, "gross_bytes", number(g->gross_bytes));
    o = with(o, "net_bytes", number(g->net_bytes));
    o = with(o, "advice", json_string(interning_advice_name(g->advice)));
    o = with(o, "fix", json_string(g->fix));
    o = with(o, "sites", shares(report->process, g->sites, g->site_count));
    return with(o, "examples", examples_json(g));
}

static void interning_write(struct writer *w)
{
    const struct interning *i = &w->report->interning;
    member(w, "\"interning\": {\"gross_bytes\": ", number(i->gross_bytes));
    member(w, ", \"net_bytes\": ", number(i->net_bytes));
    list(w, ",\n\"groups\": [", i->group_count, w->top, interning_element);
    text(w, "}");
}

static json_t *churn_element(const struct report *report, uint32_t index)
{
    const struct churn_site *s = &report->churn.sites[index];
    json_t *deaths = with(json_object(), "refcount", number(s->deaths[0]));
    deaths = with(deaths, "collector", number(s->deaths[1]));
    deaths = with(deaths, "shutdown", number(s->deaths[2]));
    json_t *o = with(json_object(), "type", string_or_null(s->type));
    o = with(o, "allocations", number(s->allocations));
    o = with(o, "bytes", number(s->bytes));
    o = with(o, "alive", number(s->alive));
    o = with(o, "deaths", deaths);
    o = with(o, "lifetime", json_pack("{s:n, s:n, s:[]}", "p50", "p99", "histogram"));
    json_t *place = frame(report->process, s->site);
    if (o && json_object_update(o, place) < 0) {
        json_decref(o);
        o = NULL;
    }
    json_decref(place);
    return with(o, "stack", stack(report->process, s->site));
}

static json_t *numbers(const uint64_t *items, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        array = append(array, number(items[i]));
    return array;
}

static void gc_write(struct writer *w)
{
    const struct snapshot *s = w->report->snapshot;
    const struct gc_state none = {0}, *gc = s ? &s->gc : &none;
    member(w, "\"gc\": {\"enabled\": ", s ? json_boolean(gc->enabled) : json_null());
    member(w, ", \"thresholds\": ", numbers(gc->threshold, gc->generations));
    member(w, ", \"counts\": ", numbers(gc->count, gc->generations));
    member(w, ", \"frozen\": ", number(gc->frozen));
    text(w, ", \"collections\": [], \"pause_total\": null, \"freed_objects\": null, "
            "\"freed_bytes\": null, \"by_type\": []}");
}

int report_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top == REPORT_DEFAULT ? REPORT_ALL : top, false};
    text(&w, "{\"schema\": \"ouro.report/1\",\n");
    run_write(&w);
    text(&w, ",\n");
    heap_write(&w);
    text(&w, ",\n");
    cycles_write(&w);
    text(&w, ",\n");
    interning_write(&w);
    text(&w, ",\n\"leaks\": {\"groups\": []},\n\"retained\": {\"entries\": []}");
    list(&w, ",\n\"churn\": {\"sites\": [", report->churn.site_count,
         top == REPORT_DEFAULT ? CHURN_DEFAULT : top, churn_element);
    text(&w, "},\n");
    gc_write(&w);
    text(&w,
         ",\n\"native\": {\"rss_explained\": null, \"rss\": [], \"sites\": [], \"leaks\": []}}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
