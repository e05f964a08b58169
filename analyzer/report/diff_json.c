/* SPDX-License-Identifier: MIT */
#include "report/change_words.h"
#include "report/diff.h"
#include "report/diff_values.h"

static json_t *side_json(char *const *names, uint32_t count, const struct digest *digest)
{
    json_t *paths = json_array(), *notices = json_array();
    for (uint32_t i = 0; i < count; i++)
        paths = json_append(paths, json_string(names[i]));
    for (uint32_t i = 0; i < digest->notice_count; i++)
        notices = json_append(notices, json_string(digest->notices[i]));
    json_t *o = json_with(json_object(), "runs", paths);
    o = json_with(o, "runtime", json_string(digest->runtime));
    o = json_with(o, "sampled", json_boolean(digest->sampled));
    o = json_with(o, "damaged", json_boolean(digest->damaged));
    return json_with(o, "notices", notices);
}

static json_t *figures_json(const struct digest_item *item)
{
    if (!item)
        return json_null();
    json_t *count = json_append(json_append(json_array(), json_number(item->count.low)),
                                json_number(item->count.high));
    json_t *bytes = json_append(json_append(json_array(), json_number(item->bytes.low)),
                                json_number(item->bytes.high));
    return json_with(json_with(json_object(), "count", count), "bytes", bytes);
}

json_t *change_json(const struct change *change)
{
    const struct digest_item *item = change_item(change);
    uint32_t from = change_moved_from(change);
    bool placed = item->place.file && *item->place.file;
    json_t *o =
        json_with(json_object(), "subject", json_string(digest_subject_name(change->subject)));
    o = json_with(o, "change", json_string(change_kind_name(change->kind)));
    o = json_with(o, "key", json_string(item->key));
    o = json_with(o, "file", placed ? json_string(item->place.file) : json_null());
    o = json_with(o, "line", placed ? json_number(item->place.line) : json_null());
    o = json_with(o, "function", placed ? json_string(item->place.function) : json_null());
    o = json_with(o, "moved_from", from ? json_number(from) : json_null());
    o = json_with(o, "before", figures_json(change->before));
    o = json_with(o, "after", figures_json(change->after));
    o = json_with(o, "detail", *item->detail ? json_string(item->detail) : json_null());
    o = json_with(o, "hint", *item->hint ? json_string(item->hint) : json_null());
    return json_with(o, "resembles", json_text_or_null(change->resembles));
}

int diff_json(FILE *out, const struct difference *d, const struct diff_names *names, uint32_t top)
{
    struct writer w = {.out = out, .top = top};
    uint32_t shown = 0;
    writer_text(&w, "{\"schema\": \"ouro.diff/1\",\n");
    writer_member(&w, "\"before\": ", side_json(names->before, names->before_count, d->before));
    writer_member(&w, ",\n\"after\": ", side_json(names->after, names->after_count, d->after));
    writer_member(&w, ",\n\"moved_lines\": ", json_number(d->moved));
    writer_text(&w, ",\n\"changes\": [");
    for (uint32_t i = 0, of_subject = 0; i < d->count && !w.failed; i++) {
        of_subject = i && d->changes[i].subject == d->changes[i - 1].subject ? of_subject + 1 : 0;
        if (of_subject < top)
            writer_member(&w, shown++ ? ",\n" : "\n", change_json(&d->changes[i]));
    }
    writer_text(&w, "]}\n");
    return w.failed || ferror(out) ? -1 : 0;
}
