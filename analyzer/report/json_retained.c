/* SPDX-License-Identifier: MIT */
/* What keeps the memory alive. */
#include <inttypes.h>

#include "report/json_writer.h"

static json_t *entry_element(const struct report *report, uint32_t index)
{
    const struct retained_entry *e = &report->retained.entries[index];
    json_t *o = json_with(json_object(), "name", json_string(e->name));
    o = json_with(o, "type", json_text_or_null(e->type));
    o = json_with(o, "objects", json_number(e->objects));
    o = json_with(o, "bytes_shallow", json_number(e->shallow));
    o = json_with(o, "bytes_retained", json_number(e->retained));
    o = json_with(o, "bytes_native", json_number(e->native));
    o = json_with(o, "path", json_root_path(&e->path));
    if (e->object != NO_ID) {
        o = json_with(o, "object", json_number(e->object));
        o = json_with(o, "address",
                      json_sprintf("0x%" PRIx64, report->snapshot->address[e->object]));
        o = json_with(o, "path_length", json_number(e->path.length));
    }
    if (report->retained.by == RETAINED_BY_SITE)
        o = json_with_place(o, report, e->site);
    return o;
}

void json_retained_write(struct writer *w)
{
    const struct retained_list *list = &w->report->retained;
    writer_member(w, "\"retained\": {\"by\": ", json_string(retained_by_name(list->by)));
    writer_member(w, ", \"bytes\": ", json_number(w->report->heap.bytes));
    uint32_t shown = writer_top(w, REPORT_ALL);
    uint64_t more = list->more + (list->count > shown ? list->count - shown : 0);
    writer_member(w, ", \"more\": ", json_number(more));
    writer_list(w, ",\n\"entries\": [", list->count, shown, entry_element);
    writer_text(w, "}");
}

int report_retained_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_retained_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
