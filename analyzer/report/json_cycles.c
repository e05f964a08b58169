/* SPDX-License-Identifier: MIT */
/* Leaked cycles and leaked references. */
#include <inttypes.h>

#include "report/json_writer.h"

json_t *json_cycle_path(const struct cycle_group *g)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < g->path_count; i++) {
        json_t *step = json_with(json_object(), "type", json_string(g->path[i].type));
        array = json_append(array, json_with(step, "edge", json_string(g->path[i].edge)));
    }
    return array;
}

json_t *json_cycle_break(const struct cycle_group *g)
{
    if (g->fix.at >= g->path_count)
        return json_null();
    json_t *o = json_with(json_object(), "type", json_string(g->path[g->fix.at].type));
    o = json_with(o, "edge", json_string(g->path[g->fix.at].edge));
    o = json_with(o, "reason", json_string(g->fix.reason));
    json_t *others = json_array();
    for (uint32_t i = 0; i < g->fix.other_count; i++) {
        json_t *other = json_with(json_object(), "type", json_string(g->fix.others[i].type));
        others = json_append(others, json_with(other, "edge", json_string(g->fix.others[i].edge)));
    }
    o = json_with(o, "cuts",
                  g->fix.cuts && g->fix.cuts <= CUTS_MAX ? json_number(g->fix.cuts) : json_null());
    return json_with(o, "others", others);
}

static json_t *types_json(const struct type_total *types, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++) {
        json_t *o = json_with(json_object(), "type", json_string(types[i].type));
        o = json_with(o, "count", json_number(types[i].count));
        array = json_append(array, json_with(o, "bytes", json_number(types[i].bytes)));
    }
    return array;
}

static json_t *objects_json(const struct snapshot *s, const uint32_t *objects, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++) {
        json_t *o = json_with(json_object(), "object", json_number(objects[i]));
        array = json_append(
            array, json_with(o, "address", json_sprintf("0x%" PRIx64, s->address[objects[i]])));
    }
    return array;
}

static json_t *cycle_element(const struct report *report, uint32_t index)
{
    const struct cycle_group *g = &report->cycles.groups[index];
    json_t *o = json_with(json_object(), "signature", json_string(g->signature));
    o = json_with(o, "verdict", json_string(verdict_name(g->verdict)));
    o = json_with(o, "reason", json_string(g->reason));
    o = json_with(o, "pending", json_boolean(g->pending));
    o = json_with(o, "count", json_number(g->count));
    o = json_with(o, "objects", json_number(g->objects));
    o = json_with(o, "bytes", json_number(g->bytes));
    o = json_with(o, "bytes_each", json_number(g->bytes / g->count));
    o = json_with(o, "bytes_native", json_number(g->native));
    o = json_with(o, "path", json_cycle_path(g));
    o = json_with(o, "path_length", json_number(g->path_length));
    o = json_with(o, "break", json_cycle_break(g));
    o = json_with(o, "pattern", json_text_or_null(g->fix.pattern));
    o = json_with(o, "hint", json_text_or_null(g->fix.hint));
    o = json_with(o, "sites", json_shares(report, g->sites, g->site_count));
    o = json_with(o, "members", types_json(g->members, g->member_count));
    o = json_with(o, "holds", types_json(g->holds, g->hold_count));
    o = json_with(o, "examples", objects_json(report->snapshot, g->example, g->example_count));
    o = json_with(o, "age", g->age_known ? json_real(g->age) : json_null());
    return json_with(o, "new",
                     g->novelty == NOVELTY_UNKNOWN ? json_null()
                                                   : json_boolean(g->novelty == NOVELTY_NEW));
}

static json_t *held_element(const struct report *report, uint32_t index)
{
    const struct held_group *g = &report->cycles.held.groups[index];
    const struct pattern *pattern = pattern_find(HELD_PATTERN);
    json_t *o = json_with(json_object(), "type", json_string(g->type));
    o = json_with(o, "count", json_number(g->count));
    o = json_with(o, "references", json_number(g->references));
    o = json_with(o, "reachable", json_number(g->reachable));
    o = json_with(o, "objects", json_number(g->objects));
    o = json_with(o, "bytes", json_number(g->bytes));
    o = json_with(o, "reason", json_string(g->reason));
    o = json_with(o, "pattern", json_text_or_null(pattern ? pattern->id : NULL));
    o = json_with(o, "hint", json_text_or_null(g->hint));
    o = json_with_place(o, report, g->site);
    return json_with(o, "examples", objects_json(report->snapshot, g->example, g->example_count));
}

void json_cycles_write(struct writer *w)
{
    const struct cycles *c = &w->report->cycles;
    writer_member(w, "\"cycles\": {\"objects\": ", json_number(c->objects));
    writer_member(w, ", \"bytes\": ", json_number(c->bytes));
    writer_member(w, ", \"tracked\": ", json_number(c->collectable));
    writer_member(w, ", \"count\": ", json_number(c->count));
    writer_member(w, ", \"shared_objects\": ", json_number(c->shared_objects));
    writer_member(w, ", \"shared_bytes\": ", json_number(c->shared_bytes));
    writer_member(w, ", \"loose_bytes\": ", json_number(c->loose_bytes));
    writer_member(w, ", \"pending_count\": ", json_number(c->pending_count));
    writer_member(w, ", \"pending_bytes\": ", json_number(c->pending_bytes));
    writer_list(w, ",\n\"groups\": [", c->group_count, writer_top(w, REPORT_ALL), cycle_element);
    writer_member(w, ",\n\"held\": {\"objects\": ", json_number(c->held.objects));
    writer_member(w, ", \"bytes\": ", json_number(c->held.bytes));
    writer_list(w, ",\n\"groups\": [", c->held.group_count, writer_top(w, REPORT_ALL),
                held_element);
    writer_text(w, "}}");
}

int report_cycles_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_cycles_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
