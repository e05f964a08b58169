/* SPDX-License-Identifier: MIT */
#include "report/json_writer.h"

/* Writes one value and gives it back. NULL, for lack of memory, is a failure. */
static void write_value(struct writer *w, json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9);
    if (!json || json_dumpf(json, w->out, flags) < 0)
        w->failed = true;
    json_decref(json);
}

void writer_text(struct writer *w, const char *raw)
{
    fputs(raw, w->out);
}

void writer_member(struct writer *w, const char *before, json_t *value)
{
    writer_text(w, before);
    write_value(w, value);
}

void writer_list(struct writer *w, const char *before, uint32_t count, uint32_t most,
                 json_t *(*element)(const struct report *report, uint32_t index))
{
    writer_text(w, before);
    for (uint32_t i = 0; i < count && i < most && !w->failed; i++)
        writer_member(w, i ? ",\n" : "\n", element(w->report, i));
    writer_text(w, "]");
}

uint32_t writer_top(const struct writer *w, uint32_t most)
{
    return w->top == REPORT_DEFAULT ? most : w->top;
}

json_t *json_with(json_t *object, const char *key, json_t *member)
{
    if (json_object_set_new(object, key, member) < 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *json_append(json_t *array, json_t *element)
{
    if (json_array_append_new(array, element) < 0) {
        json_decref(array);
        return NULL;
    }
    return array;
}

json_t *json_number(uint64_t n)
{
    return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

json_t *json_seconds(uint64_t ns)
{
    return json_real((double)ns / 1e9);
}

json_t *json_text_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

json_t *json_frame(const struct process *process, uint32_t site)
{
    const char *file = "", *function = "";
    uint32_t line = 0;
    if (site)
        site_place(process, site, &file, &line, &function);
    return json_pack("{s:s, s:i, s:s}", "file", file, "line", (int)line, "function", function);
}

json_t *json_stack(const struct process *process, uint32_t site)
{
    json_t *frames = json_array();
    for (; site; site = process->sites[site].parent)
        frames = json_append(frames, json_frame(process, site));
    return frames;
}

json_t *json_with_place(json_t *object, const struct report *report, uint32_t site)
{
    const struct process *process = report->process;
    if (report->numbers)
        return json_with(object, "site", json_number(place_number_use(report->numbers, site)));
    json_t *place = json_frame(process, site);
    if (!object || !place || json_object_update(object, place) < 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(place);
    return json_with(object, "stack", json_stack(process, site));
}

json_t *json_shares(const struct report *report, const struct site_share *sites, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++) {
        json_t *site = json_with_place(json_object(), report, sites[i].site);
        array = json_append(array, json_with(site, "share", json_real(sites[i].share)));
    }
    return array;
}

json_t *json_root_path(const struct root_path *path)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < path->count; i++) {
        json_t *step = json_with(json_object(), "type", json_string(path->steps[i].type));
        array = json_append(array, json_with(step, "edge", json_string(path->steps[i].edge)));
    }
    return array;
}
