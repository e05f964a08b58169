/* SPDX-License-Identifier: MIT */
/* Cycles that the collector frees. */
#include "report/json_writer.h"

static json_t *shape_element(const struct report *report, uint32_t index)
{
    const struct shape *s = &report->shapes.items[index];
    const struct cycle_group *g = &s->group;
    json_t *o = json_with(json_object(), "signature", json_string(g->signature));
    o = json_with(o, "seen", json_number(g->count));
    o = json_with(o, "looks", json_number(s->looks));
    o = json_with(o, "cycles", json_real(s->cycles));
    o = json_with(o, "per_hour", s->per_hour > 0 ? json_real(s->per_hour) : json_null());
    o = json_with(o, "from", json_string(s->by_deaths ? "deaths" : "collections"));
    o = json_with(o, "path", json_cycle_path(g));
    o = json_with(o, "path_length", json_number(g->path_length));
    o = json_with(o, "break", json_cycle_break(g));
    o = json_with(o, "pattern", json_text_or_null(g->fix.pattern));
    o = json_with(o, "hint", json_text_or_null(g->fix.hint));
    return json_with(o, "sites", json_shares(report, g->sites, g->site_count));
}

void json_shapes_write(struct writer *w)
{
    const struct shapes *s = &w->report->shapes;
    if (!s->wanted) {
        writer_text(w, ",\n\"shapes\": null");
        return;
    }
    writer_member(w, ",\n\"shapes\": {\"looks\": ", json_number(s->looks));
    writer_member(w, ", \"empty\": ", json_number(s->empty));
    writer_member(w, ", \"examined\": ", json_number(s->examined));
    writer_member(w, ", \"share\": ", json_real(s->share));
    writer_member(w, ", \"limit\": ", json_real(s->limit));
    writer_list(w, ",\n\"groups\": [", s->count, writer_top(w, REPORT_ALL), shape_element);
    writer_text(w, "}");
}
