/* SPDX-License-Identifier: MIT */
/* What grows for as long as the program runs. */
#include "report/json_writer.h"

static json_t *growth_points(const struct growth_span *span, const double *count,
                             const double *bytes)
{
    json_t *array = json_array();
    for (uint32_t k = 0; k < span->points; k++) {
        json_t *o = json_with(json_object(), "time", json_seconds(span->time[k]));
        o = json_with(o, "clock", json_number(span->clock[k]));
        o = json_with(o, "count", json_number((uint64_t)(count[k] + 0.5)));
        array = json_append(array, json_with(o, "bytes", json_number((uint64_t)(bytes[k] + 0.5))));
    }
    return array;
}

static json_t *members(const struct report *report, const struct growth_suspect *s)
{
    json_t *array = json_array();
    for (uint32_t m = 0; m < s->member_count; m++) {
        const struct growth_member *member = &s->members[m];
        json_t *o = json_frame(report->process, member->site);
        o = json_with(o, "type", json_text_or_null(member->type));
        o = json_with(o, "alive", json_number(member->alive));
        o = json_with(o, "grown", json_number((uint64_t)(member->grown + 0.5)));
        o = json_with(o, "grown_bytes", json_number((uint64_t)(member->grown_bytes + 0.5)));
        array = json_append(array, o);
    }
    return array;
}

static json_t *rate(const struct growth_suspect *s)
{
    const double mib = 1 << 20;
    json_t *o = json_with(json_object(), "count_per_second", json_real(s->count_rate));
    o = json_with(o, "bytes_per_second", json_real(s->bytes_rate));
    o = json_with(o, "count_per_mib", json_real(s->count_per_byte * mib));
    return json_with(o, "bytes_per_mib", json_real(s->bytes_per_byte * mib));
}

static json_t *container(const struct growth_suspect *s)
{
    if (s->container == NO_ID)
        return json_null();
    json_t *o = json_with(json_object(), "name", json_string(s->path.name));
    o = json_with(o, "type", json_string(s->container_type));
    o = json_with(o, "entry", json_string(s->entry_type));
    o = json_with(o, "entries", json_number(s->entries));
    return json_with(o, "spread", json_boolean(s->spread));
}

static json_t *group_element(const struct report *report, uint32_t index)
{
    const struct growth_suspect *s = &report->growth.suspects[index];
    json_t *o = json_with(json_object(), "signature", json_string(s->signature));
    o = json_with(o, "verdict", json_string("RETAINED"));
    o = json_with(o, "type", json_text_or_null(s->type));
    o = json_with(o, "released", json_boolean(s->released));
    o = json_with(o, "count", json_number(s->objects));
    o = json_with(o, "bytes", json_number(s->bytes));
    o = json_with(o, "container", container(s));
    o = json_with(o, "path", json_root_path(&s->path));
    o = json_with(o, "growth", growth_points(&report->growth.series.span, s->count, s->size));
    o = json_with(o, "rate", rate(s));
    o = json_with(o, "pattern", json_text_or_null(s->pattern ? s->pattern->id : NULL));
    o = json_with(o, "hint", json_string(s->hint));
    o = json_with(o, "members", members(report, s));
    return json_with(o, "sites", json_shares(report, s->sites, s->site_count));
}

static json_t *native_element(const struct report *report, uint32_t index)
{
    const struct native_growth *g = &report->native_growth;
    const struct native_suspect *s = &g->suspects[index];
    struct native_site site;
    if (native_site_of(report->process, report->symbols, s->stack, &site) < 0)
        return NULL;
    json_t *o = json_with(json_object(), "signature", json_string(s->signature));
    o = json_with(o, "asker", json_string(s->asker));
    o = json_with(o, "kind", json_string(native_kind_name(s->kind)));
    o = json_with(o, "estimated", json_boolean(native_is_estimate(report->process, s->kind)));
    o = json_with(o, "released", json_boolean(s->released));
    o = json_with(o, "alive", json_number(s->alive));
    o = json_with(o, "alive_bytes", json_number(s->alive_bytes));
    o = json_with(o, "growth", growth_points(&g->span, s->count, s->bytes));
    json_t *rate = json_with(json_object(), "count_per_second", json_real(s->count_rate));
    rate = json_with(rate, "bytes_per_second", json_real(s->bytes_rate));
    rate = json_with(rate, "bytes_per_mib", json_real(s->bytes_per_byte * (1 << 20)));
    o = json_with(o, "rate", rate);
    return json_with_native_place(o, report, &site);
}

void json_leaks_write(struct writer *w)
{
    const struct growth *g = &w->report->growth;
    const struct growth_span *span = &g->series.span;
    writer_member(w, "\"leaks\": {\"points\": ", json_number(span->points));
    writer_member(w, ", \"warm_up\": ", span->points ? json_number(span->warm_up) : json_null());
    writer_list(w, ",\n\"groups\": [", g->suspect_count, writer_top(w, REPORT_ALL), group_element);
    writer_list(w, ",\n\"native\": [", w->report->native_growth.suspect_count,
                writer_top(w, REPORT_ALL), native_element);
    writer_text(w, "}");
}

int report_leaks_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_leaks_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
