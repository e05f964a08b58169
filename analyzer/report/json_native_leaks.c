/* SPDX-License-Identifier: MIT */
#include "report/json_native_leaks.h"

json_t *json_unreached(const struct report *report)
{
    static const struct unreached nothing;
    static const char *const names[] = {
        [OURO_UNREACHED_KNOWN] = "known", [OURO_UNREACHED_TIME] = "too long"};
    const struct unreached *u = report->snapshot ? &report->snapshot->unreached : &nothing;
    const char *status = !u->known                                  ? "not looked for"
                         : u->status < sizeof names / sizeof *names ? names[u->status]
                                                                    : "unreadable";
    json_t *o = json_with(json_object(), "status", json_string(status));
    o = json_with(o, "threads", json_number(u->threads));
    o = json_with(o, "searched", json_number(u->searched));
    o = json_with(o, "searched_bytes", json_number(u->searched_bytes));
    o = json_with(o, "count", json_number(u->blocks));
    o = json_with(o, "bytes", json_number(u->bytes));
    return json_with(o, "listed", json_number(u->count));
}

json_t *json_native_leak(const struct report *report, uint32_t index)
{
    const struct native_leak *l = &report->native_leaks.list[index];
    const struct native_site site = native_leak_site(l);
    json_t *o = json_with(json_object(), "count", json_number(l->count));
    o = json_with(o, "cycle", json_number(l->cycle));
    o = json_with(o, "blocks", json_number(l->blocks));
    o = json_with(o, "bytes", json_number(l->bytes));
    o = json_with(o, "below_blocks", json_number(l->below_blocks));
    o = json_with(o, "below_bytes", json_number(l->below_bytes));
    o = json_with(o, "possible", json_boolean(l->possible));
    return json_with_native_place(o, report, &site);
}
