/* SPDX-License-Identifier: MIT */
#include "compare/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "report/json_writer.h"

struct digest_least baseline_least(enum digest_subject subject)
{
    static const struct digest_least least[DIGEST_SUBJECTS] = {
        [DIGEST_TEST] = {1, 1},
        [DIGEST_ALIVE] = {10, 4096},
        [DIGEST_MADE] = {1000, 65536},
        [DIGEST_TYPE] = {500, 65536},
        [DIGEST_NATIVE] = {UINT64_MAX, 16384},
        [DIGEST_DUPLICATES] = {UINT64_MAX, 16384},
    };
    return least[subject];
}

static bool matters(const struct digest_item *item)
{
    struct digest_least least = baseline_least(item->subject);
    if (!(BASELINE_KNOWN >> item->subject & 1) || (item->flags & DIGEST_PENDING))
        return false;
    if (digest_by_line(item->subject) &&
        (!*item->place.file || strcmp(item->place.file, DIGEST_IMPORTING) == 0))
        return false; /* nobody's lines are not judged */
    return item->count.high >= least.count || item->bytes.high >= least.bytes;
}

/* A number, or [low, high] of several runs that differ. */
static json_t *range_json(struct range range)
{
    if (range.low == range.high)
        return json_number(range.low);
    return json_append(json_append(json_array(), json_number(range.low)), json_number(range.high));
}

static json_t *item_json(const struct digest_item *item)
{
    json_t *o = json_with(json_object(), "key", json_string(item->key));
    bool placed = item->place.file && *item->place.file;
    o = json_with(o, "count", range_json(item->count));
    o = json_with(o, "bytes", range_json(item->bytes));
    if (placed) {
        o = json_with(o, "file", json_string(item->place.file));
        o = json_with(o, "function", json_string(item->place.function));
        o = json_with(o, "line", json_number(item->place.line));
        o = json_with(o, "first_line", json_number(item->place.first));
    }
    if ((item->subject == DIGEST_CYCLE || item->subject == DIGEST_SUSPECT ||
         item->subject == DIGEST_NATIVE || item->subject == DIGEST_LEAK ||
         item->subject == DIGEST_NATIVE_SUSPECT) &&
        *item->detail)
        o = json_with(o, "path", json_string(item->detail));
    if (item->flags & DIGEST_UNCOLLECTABLE)
        o = json_with(o, "uncollectable", json_true());
    if (item->flags & DIGEST_LIBRARY)
        o = json_with(o, "library", json_true());
    return o;
}

/* Writes a value and gives it back. */
static bool value_write(FILE *out, json_t *value)
{
    bool ok = value && json_dumpf(value, out, JSON_ENCODE_ANY | JSON_PRESERVE_ORDER) == 0;
    json_decref(value);
    return ok;
}

int baseline_write(FILE *out, const struct digest *digest)
{
    bool ok = true;
    fputs("{\n\"schema\": \"ouro.baseline/1\",\n\"runtime\": ", out);
    ok = value_write(out, json_string(digest->runtime));
    fprintf(out, ",\n\"runs\": %u", digest->runs);
    for (unsigned subject = 0; subject < DIGEST_SUBJECTS; subject++) {
        const char *between = "\n";
        if (!(BASELINE_KNOWN & digest->known & 1u << subject))
            continue;
        fprintf(out, ",\n\"%s\": [", digest_subject_name(subject));
        for (uint32_t i = 0; ok && i < digest->count; i++) {
            const struct digest_item *item = &digest->items[i];
            if (item->subject != subject || !matters(item))
                continue;
            fputs(between, out);
            ok = value_write(out, item_json(item));
            between = ",\n";
        }
        fputs("]", out);
    }
    fputs("\n}\n", out);
    return ok && !ferror(out) ? 0 : -1;
}
