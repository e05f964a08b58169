/* SPDX-License-Identifier: MIT */
/* Everything that could be kept in fewer bytes. */
#include "report/json_writer.h"

static json_t *saving_element(const struct report *report, uint32_t index)
{
    const struct saving *s = &report->savings.list[index];
    json_t *o = json_with(json_object(), "kind", json_string(saving_kind_name(s->kind)));
    o = json_with(o, "type", json_string(s->type));
    o = json_with(o, "what", json_string(s->what));
    o = json_with(o, "objects", json_number(s->objects));
    o = json_with(o, "bytes", json_number(s->bytes));
    o = json_with(o, "added_bytes", json_number(s->added_bytes));
    o = json_with(o, "fix", json_string(s->fix));
    return json_with_place(o, report, s->site);
}

static json_t *kind_element(const struct report *report, uint32_t index)
{
    const struct savings *s = &report->savings;
    json_t *o =
        json_with(json_object(), "kind", json_string(saving_kind_name((enum saving_kind)index)));
    o = json_with(o, "objects", json_number(s->kind_objects[index]));
    return json_with(o, "bytes", json_number(s->kind_bytes[index]));
}

void json_savings_write(struct writer *w)
{
    const struct savings *s = &w->report->savings;
    uint32_t shown = writer_top(w, REPORT_ALL);
    writer_member(w, "\"savings\": {\"bytes\": ", json_number(s->bytes));
    writer_member(w, ", \"heap_bytes\": ", json_number(w->report->heap.bytes));
    writer_member(w, ", \"small_bytes\": ", json_number(s->small_bytes));
    writer_member(w, ", \"foreign_bytes\": ", json_number(s->foreign_bytes));
    writer_list(w, ",\n\"kinds\": [", w->report->snapshot ? SAVING_KINDS : 0, REPORT_ALL,
                kind_element);
    writer_member(w, ",\n\"more\": ", json_number(s->count > shown ? s->count - shown : 0));
    writer_list(w, ",\n\"entries\": [", s->count, shown, saving_element);
    writer_text(w, "}");
}

int report_savings_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_savings_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
