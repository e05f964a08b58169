/* SPDX-License-Identifier: MIT */
/* Equal values: what one copy of each would save. */
#include "report/json_writer.h"

static json_t *examples_json(const struct interning_group *g)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < g->example_count; i++) {
        const struct interning_example *e = &g->examples[i];
        json_t *shown = !e->value      ? json_null()
                        : e->truncated ? json_sprintf("%s…", e->value)
                                       : json_string(e->value);
        array = json_append(array, json_with(json_with(json_object(), "value", shown), "copies",
                                             json_number(e->copies)));
    }
    return array;
}

static json_t *holders_json(const struct interning_group *g)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < g->holder_count; i++) {
        json_t *o = json_with(json_object(), "holder", json_string(g->holders[i].holder));
        array = json_append(array, json_with(o, "copies", json_number(g->holders[i].copies)));
    }
    return array;
}

static json_t *remade_element(const struct report *report, uint32_t index)
{
    const struct remade_place *p = &report->remade.places[index];
    json_t *values = json_array();
    for (uint32_t i = 0; i < p->value_count; i++) {
        const struct remade_value *v = &p->values[i];
        json_t *shown = !v->value      ? json_null()
                        : v->truncated ? json_sprintf("%s…", v->value)
                                       : json_string(v->value);
        values = json_append(values, json_with(json_with(json_object(), "value", shown), "samples",
                                               json_number(v->samples)));
    }
    json_t *o = json_with(json_object(), "samples", json_number(p->samples));
    o = json_with(o, "again", json_number(p->again));
    o = json_with(o, "objects", json_number(p->objects));
    o = json_with(o, "bytes", json_number(p->bytes));
    o = json_with(o, "values", values);
    return json_with_place(o, report, p->site);
}

static json_t *interning_element(const struct report *report, uint32_t index)
{
    const struct interning_group *g = &report->interning.groups[index];
    json_t *o = json_with(json_object(), "type", json_string(g->type));
    o = json_with(o, "holder", json_string(g->holder));
    o = json_with(o, "copies", json_number(g->copies));
    o = json_with(o, "distinct", json_number(g->distinct));
    o = json_with(o, "unique", json_number(g->unique));
    o = json_with(o, "gross_bytes", json_number(g->gross_bytes));
    o = json_with(o, "table_bytes", json_number(g->table_bytes));
    o = json_with(o, "net_bytes", json_number(g->net_bytes));
    o = json_with(o, "net_objects", json_number(g->net_objects));
    o = json_with(o, "advice", json_string(interning_advice_name(g->advice)));
    o = json_with(o, "fix", json_string(g->fix.text));
    o = json_with(o, "fix_kind", json_string(fix_kind_name(g->fix.kind)));
    o = json_with(o, "fix_at",
                  g->fix.site ? json_frame(report->process, g->fix.site) : json_null());
    o = json_with(o, "sites", json_shares(report, g->sites, g->site_count));
    o = json_with(o, "holders", holders_json(g));
    return json_with(o, "examples", examples_json(g));
}

void json_interning_write(struct writer *w)
{
    const struct interning *i = &w->report->interning;
    writer_member(w, "\"interning\": {\"by\": ", json_string(interning_by_name(i->query.by)));
    writer_member(w, ", \"copies\": ", json_number(i->copies));
    writer_member(w, ", \"distinct\": ", json_number(i->distinct));
    writer_member(w, ", \"gross_bytes\": ", json_number(i->gross_bytes));
    writer_member(w, ", \"net_bytes\": ", json_number(i->net_bytes));
    writer_member(w, ", \"advised_bytes\": ", json_number(i->advised_bytes));
    uint32_t shown = writer_top(w, REPORT_ALL);
    uint64_t more = i->left_out + (uint64_t)(i->group_count > shown ? i->group_count - shown : 0);
    writer_member(w, ", \"more\": ", json_number(more));
    writer_list(w, ",\n\"groups\": [", i->group_count, shown, interning_element);
    const struct remade *r = &w->report->remade;
    writer_member(w, ",\n\"remade\": {\"estimated\": true, \"every\": ", json_number(r->every));
    writer_member(w, ", \"samples\": ", json_number(r->samples));
    writer_list(w, ",\n\"places\": [", r->count, writer_top(w, REPORT_ALL), remade_element);
    writer_text(w, "}}");
}

int report_interning_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_interning_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
