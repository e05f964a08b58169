/* SPDX-License-Identifier: MIT */
/* Memory outside of objects: what the resident memory is made of. */
#include "report/json_native_leaks.h"
#include "report/json_writer.h"
#include "report/native.h"

static json_t *line_element(const struct report *report, uint32_t index)
{
    struct resident_line lines[RESIDENT_LINES];
    resident_lines(report->snapshot, lines);
    const struct resident_line *line = &lines[index];
    const struct memory_kind *kind = &report->snapshot->memory.kinds[line->kind];
    json_t *o = json_with(json_object(), "what", json_string(line->what));
    o = json_with(o, "bytes", json_number(line->bytes));
    o = json_with(o, "extent", line->kind ? json_number(kind->extent) : json_null());
    return json_with(o, "pieces", line->kind ? json_number(kind->pieces) : json_null());
}

static json_t *pools_element(const struct report *report, uint32_t index)
{
    const struct memory_pools *pools = &report->snapshot->memory.pools[index];
    json_t *o = json_with(json_object(), "size", json_number(pools->size));
    o = json_with(o, "pools", json_number(pools->pools));
    o = json_with(o, "used", json_number(pools->used));
    return json_with(o, "room", json_number(pools->room));
}

static json_t *native_frame(const struct native_place *place)
{
    json_t *o = json_with(json_object(), "file", json_string(place->file));
    o = json_with(o, "line", json_number(place->line));
    o = json_with(o, "function", json_string(place->function));
    o = json_with(o, "module", json_string(place->module));
    return json_with(o, "inlined", json_boolean(place->inlined));
}

/* The innermost frame with a line is the site's place. */
json_t *json_with_native_place(json_t *o, const struct report *report,
                               const struct native_site *site)
{
    const struct native_place *at = NULL;
    json_t *frames = json_array();
    for (uint32_t i = 0; i < site->count; i++) {
        const struct native_code *code = symbols_find(report->symbols, site->addresses[i]);
        for (uint32_t n = 0; code && n < code->count; n++) {
            if (*code->places[n].file && !at)
                at = &code->places[n];
            frames = json_append(frames, native_frame(&code->places[n]));
        }
    }
    o = json_with(o, "file", json_string(at ? at->file : ""));
    o = json_with(o, "line", json_number(at ? at->line : 0));
    o = json_with(o, "function", json_string(at ? at->function : ""));
    o = json_with(o, "native_stack", frames);
    if (report->numbers) /* where each is, by its number: the names above are of native code */
        return json_with_place(o, report, site->site);
    return json_with(o, "stack", json_stack(report->process, site->site));
}

static json_t *site_element(const struct report *report, uint32_t index)
{
    const struct native_site *s = &report->native.list[index];
    json_t *o = json_with(json_object(), "kind", json_string(native_kind_name(s->kind)));
    o = json_with(o, "bytes", json_number(s->bytes));
    o = json_with(o, "count", json_number(s->blocks));
    o = json_with(o, "alive_bytes", json_number(s->alive_bytes));
    o = json_with(o, "alive", json_number(s->alive));
    return json_with_native_place(o, report, s);
}

static json_t *kind_element(const struct report *report, uint32_t kind)
{
    const struct native_figures *of = &report->native.kinds[kind];
    json_t *o = json_with(json_object(), "kind", json_string(native_kind_name(kind)));
    o = json_with(o, "bytes", json_number(of->bytes));
    o = json_with(o, "count", json_number(of->blocks));
    o = json_with(o, "alive_bytes", json_number(of->alive_bytes));
    return json_with(o, "alive", json_number(of->alive));
}

void json_native_write(struct writer *w)
{
    const struct snapshot *s = w->report->snapshot;
    struct resident_line lines[RESIDENT_LINES];
    bool known = s && s->memory.known;
    writer_member(
        w, "\"native\": {\"rss_bytes\": ", known ? json_number(s->memory.resident) : json_null());
    writer_member(w,
                  ", \"rss_explained\": ", known ? json_real(resident_explained(s)) : json_null());
    writer_list(w, ",\n\"rss\": [", resident_lines(s, lines), REPORT_ALL, line_element);
    writer_list(w, ",\n\"pools\": [", known ? s->memory.pool_count : 0, REPORT_ALL, pools_element);
    writer_member(w, ",\n\"sample\": ", json_number(w->report->process->native_sample));
    const struct native_sites *all = &w->report->native;
    writer_member(w, ", \"count\": ", json_number(all->blocks));
    writer_member(w, ", \"bytes\": ", json_number(all->bytes));
    writer_member(w, ", \"alive\": ", json_number(all->alive));
    writer_member(w, ", \"alive_bytes\": ", json_number(all->alive_bytes));
    writer_list(w, ",\n\"kinds\": [", w->report->process->native_sample ? OURO_NATIVE_KINDS : 0,
                REPORT_ALL, kind_element);
    writer_list(w, ",\n\"sites\": [", w->report->native.count, writer_top(w, REPORT_ALL),
                site_element);
    writer_member(w, ",\n\"unreached\": ", json_unreached(w->report));
    writer_list(w, ",\n\"leaks\": [", w->report->native_leaks.count, writer_top(w, REPORT_ALL),
                json_native_leak);
    writer_text(w, "}");
}

int report_rss_json(FILE *out, const struct report *report)
{
    struct writer w = {out, report, REPORT_ALL, false};
    writer_text(&w, "{");
    json_native_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}

int report_native_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_native_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
