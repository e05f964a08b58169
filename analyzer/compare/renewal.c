/* SPDX-License-Identifier: MIT */
#include "compare/renewal.h"

#include <string.h>

#include "model/model.h"

/* Whether a change, or a finding by limits that may be narrower, is about an item of either digest. */
static bool changed(const struct judgement *j, const struct digest_item *item)
{
    for (uint32_t i = 0; i < j->difference.count; i++) {
        if (j->difference.changes[i].after == item || j->difference.changes[i].before == item)
            return true;
    }
    for (uint32_t i = 0; i < j->count; i++) {
        const struct finding *finding = &j->findings[i];
        if (finding->change.after == item ||
            (finding->rule == RULE_LINE_GROWTH && item->subject == DIGEST_TYPE &&
             strcmp(finding->change.after->key, item->key) == 0))
            return true;
    }
    return false;
}

/* Whether an item is in a digest only where it is large enough. */
static bool has_least(const struct digest *digest, enum digest_subject subject)
{
    return digest->least[subject].count || digest->least[subject].bytes;
}

static bool renew_after(const struct judgement *j, uint32_t number, struct digest *renewed)
{
    uint32_t partner = j->difference.alignment.before[number];
    struct digest_item item = j->run->items[number];
    if (!changed(j, &j->run->items[number])) {
        /* What is too small to be in a baseline may well have been there before. */
        if (partner == NO_ID)
            return true;
        item.count = j->baseline->items[partner].count;
        item.bytes = j->baseline->items[partner].bytes;
    }
    return digest_add(renewed, &item);
}

int renewal_make(const struct judgement *judgement, struct digest *renewed)
{
    const struct judgement *j = judgement;
    if (digest_begin(renewed) < 0)
        return -1;
    renewed->runs = j->run->runs;
    renewed->known = j->run->known;
    renewed->runtime = arena_copy(renewed->arena, j->run->runtime, strlen(j->run->runtime));
    if (!renewed->runtime)
        return -1;
    for (uint32_t i = 0; i < j->run->count; i++) {
        if (!renew_after(j, i, renewed))
            return -1;
    }
    for (uint32_t i = 0; i < j->baseline->count; i++) {
        const struct digest_item *item = &j->baseline->items[i];
        if (j->difference.alignment.after[i] == NO_ID && has_least(j->run, item->subject) &&
            !changed(j, item) && !digest_add(renewed, item))
            return -1;
    }
    digest_sort(renewed);
    return 0;
}
