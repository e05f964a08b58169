/* SPDX-License-Identifier: MIT */
/* What each test left. */
#include "report/json_writer.h"

static json_t *remains_json(const struct report *report, const struct unit *unit)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < unit->remain_count; i++) {
        const struct unit_remains *r = &unit->remains[i];
        json_t *o = json_frame(report->process, r->site);
        o = json_with(o, "verdict", json_string(unit_verdict_name(r->verdict)));
        o = json_with(o, "type", json_string(r->type));
        o = json_with(o, "holder", json_text_or_null(*r->holder ? r->holder : NULL));
        o = json_with(o, "objects", json_number(r->objects));
        o = json_with(o, "bytes", json_number(r->bytes));
        array = json_append(array, o);
    }
    return array;
}

static json_t *number_if(bool known, uint64_t number)
{
    return known ? json_number(number) : json_null();
}

static json_t *test_element(const struct report *report, uint32_t index)
{
    const struct units *units = &report->units;
    const struct unit *u = &units->items[index];
    json_t *o = json_with(json_object(), "name", json_string(u->name));
    o = json_with(o, "verdict", json_string(unit_verdict_name(u->verdict)));
    o = json_with(o, "outcome", json_string("unknown"));
    o = json_with(o, "run", json_number(u->run));
    o = json_with(o, "runs", json_number(u->runs));
    o = json_with(o, "start", units->marks ? json_seconds(u->start) : json_null());
    o = json_with(o, "duration", units->marks ? json_seconds(u->duration) : json_null());
    o = json_with(o, "bytes_allocated", number_if(units->marks, u->allocated));
    o = json_with(o, "allocations", number_if(u->measured, u->allocations));
    o = json_with(o, "grown", u->measured ? json_integer(u->grown_blocks) : json_null());
    o = json_with(o, "grown_bytes", u->measured ? json_integer(u->grown_bytes) : json_null());
    o = json_with(o, "peak_bytes", number_if(u->measured, u->peak_bytes));
    o = json_with(o, "alive", json_number(u->alive));
    o = json_with(o, "alive_bytes", json_number(u->alive_bytes));
    o = json_with(o, "leaked", json_number(u->leaked));
    o = json_with(o, "leaked_bytes", json_number(u->leaked_bytes));
    o = json_with(o, "cycles", json_number(u->cycles));
    o = json_with(o, "cycle_objects", json_number(u->cycle_objects));
    o = json_with(o, "cycle_bytes", json_number(u->cycle_bytes));
    o = json_with(o, "collected", json_number(u->collected));
    return json_with(o, "remains", remains_json(report, u));
}

void json_tests_write(struct writer *w)
{
    const struct units *units = &w->report->units;
    writer_member(w, "\"tests\": {\"marks\": ", json_boolean(units->marks));
    writer_member(w, ", \"count\": ", json_number(units->count));
    writer_member(w,
                  ", \"duration\": ", units->marks ? json_seconds(units->duration) : json_null());
    for (int v = UNIT_LEAKS; v >= UNIT_CLEAN; v--) {
        static const char *const before[] = {
            ", \"clean\": ", ", \"warm_up\": ", ", \"kept\": ", ", \"cycles\": ", ", \"leaks\": "};
        writer_member(w, before[v], json_number(units->of_verdict[v]));
    }
    writer_list(w, ",\n\"units\": [", units->count, writer_top(w, REPORT_ALL), test_element);
    writer_text(w, "}");
}

int report_tests_json(FILE *out, const struct report *report, uint32_t top)
{
    struct writer w = {out, report, top, false};
    writer_text(&w, "{");
    json_tests_write(&w);
    writer_text(&w, "}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
