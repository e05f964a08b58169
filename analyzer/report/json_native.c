/* SPDX-License-Identifier: MIT */
/* Memory outside of objects: what the resident memory is made of. */
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
    writer_text(w, ",\n\"sites\": [], \"leaks\": []}");
}

int report_rss_json(FILE *out, const struct report *report)
{
    struct writer w = {out, report, REPORT_ALL, false};
    writer_text(&w, "{");
    json_native_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
