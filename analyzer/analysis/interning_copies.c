/* SPDX-License-Identifier: MIT */
#include "analysis/interning_copies.h"

#include <stdlib.h>
#include <string.h>

#include "structure/key_table.h"

/* Under a key of data dicts with fewer values than this, the key is data, too: "dict[*]". */
#define KEY_COPIES 4

/* What is never a saving: what the runtime keeps one of anyway, or what is no heap block. */
#define STAYS (OURO_OBJECT_INTERNED | OURO_OBJECT_IMMORTAL | OURO_OBJECT_STATIC)

bool copies_older(const struct snapshot *snapshot, uint32_t left, uint32_t right)
{
    uint64_t a = object_birth(snapshot, left), b = object_birth(snapshot, right);
    return a != b ? a < b : left < right;
}

/* Whether the value of an object of this type is looked at: code objects are another matter. */
static bool wanted(const struct copies *c, const char *type, uint32_t number)
{
    uint32_t rank = c->order->rank[number];
    return !(c->order->flags[rank] & OURO_TYPE_FIXED) &&
           (!type || !strcmp(c->order->name[rank], type));
}

/* Sums up values, and lists the members that could go. */
static int members_select(struct copies *c, const struct garbage *garbage, const char *type)
{
    const struct snapshot *s = c->snapshot;
    c->values = calloc((size_t)s->value_count + 1, sizeof *c->values);
    c->object = calloc((size_t)s->object_count + 1, sizeof *c->object);
    c->value = calloc((size_t)s->member_count + 1, sizeof *c->value);
    if (!c->values || !c->object || !c->value)
        return -1;
    for (uint32_t m = 0; m < s->member_count; m++) {
        uint32_t o = s->member_object[m];
        struct value_sum *sum = &c->values[s->member_value[m]];
        if (garbage->class[o] != CLASS_LIVE || !wanted(c, type, s->type[o]))
            continue;
        if (s->flags[o] & STAYS) {
            sum->has_target = true;
            continue;
        }
        if (!sum->copies++ || copies_older(s, o, sum->oldest))
            sum->oldest = o;
        sum->bytes += object_size(s, o);
        c->value[c->count] = s->member_value[m];
        c->object[c->count++] = o;
    }
    /* A value of which one copy is left (the others are dead) is no duplicate any more. */
    uint32_t kept = 0;
    for (uint32_t n = 0; n < c->count; n++) {
        const struct value_sum *sum = &c->values[c->value[n]];
        if (sum->copies > 1 || sum->has_target) {
            c->value[kept] = c->value[n];
            c->object[kept++] = c->object[n];
        }
    }
    c->count = kept;
    return 0;
}

/* Lists the other objects of the types of the copies, behind these. */
static int singles_select(struct copies *c, const struct garbage *garbage, uint32_t *slot)
{
    const struct snapshot *s = c->snapshot;
    bool *has = calloc((size_t)s->type_count + 1, sizeof *has);
    if (!has)
        return -1;
    for (uint32_t n = 0; n < c->count; n++) {
        has[s->type[c->object[n]]] = true;
        slot[c->object[n]] = n;
    }
    for (uint32_t o = 0; o < s->object_count; o++) {
        if (slot[o] != NO_ID || !has[s->type[o]] || s->flags[o] & STAYS ||
            garbage->class[o] != CLASS_LIVE)
            continue;
        slot[o] = c->count + c->singles;
        c->object[c->count + c->singles++] = o;
    }
    free(has);
    return 0;
}

/* Forgets the keys of data dicts under which there are but a few copies. */
static int keys_forget(struct copies *c, struct key_table *places)
{
    uint32_t *copies = calloc((size_t)places->count + 1, sizeof *copies);
    if (!copies)
        return -1;
    int status = 0;
    for (uint32_t n = 0; n < c->count; n++)
        copies[c->place[n]]++;
    for (uint32_t n = 0; !status && n < c->count + c->singles; n++) {
        struct place place;
        memcpy(&place, key_table_key(places, c->place[n]), sizeof place);
        if (!holder_is_key(&place.holder) || copies[c->place[n]] >= KEY_COPIES)
            continue;
        place.holder = holder_any_key(place.holder);
        if (!key_table_add(places, &place, &c->place[n]))
            status = -1;
    }
    free(copies);
    return status;
}

struct numbered_place {
    struct place place;
    uint32_t number;
};

static int place_compare(const void *left, const void *right, void *snapshot)
{
    const struct numbered_place *a = left, *b = right;
    if (a->place.type != b->place.type)
        return a->place.type < b->place.type ? -1 : 1;
    return holder_compare(snapshot, &a->place.holder, &b->place.holder);
}

/* Makes one of places with the same text. */
static int places_merge(struct copies *c, const struct key_table *places)
{
    uint32_t count = places->count;
    struct numbered_place *sorted = malloc(((size_t)count + 1) * sizeof *sorted);
    uint32_t *merged = malloc(((size_t)count + 1) * sizeof *merged);
    c->places = malloc(((size_t)count + 1) * sizeof *c->places);
    int status = sorted && merged && c->places ? 0 : -1;
    if (!status) {
        for (uint32_t n = 0; n < count; n++) {
            memcpy(&sorted[n].place, key_table_key(places, n), sizeof sorted[n].place);
            sorted[n].number = n;
        }
        qsort_r(sorted, count, sizeof *sorted, place_compare, (void *)c->snapshot);
        for (uint32_t i = 0; i < count; i++) {
            if (i == 0 || place_compare(&sorted[i - 1], &sorted[i], (void *)c->snapshot) != 0)
                c->places[c->place_count++] = sorted[i].place;
            merged[sorted[i].number] = c->place_count - 1;
        }
        for (uint32_t n = 0; n < c->count + c->singles; n++)
            c->place[n] = merged[c->place[n]];
    }
    free(sorted);
    free(merged);
    return status;
}

/* Finds the place of every copy and single. Frees *slot when it is used: this is the peak of memory. */
static int places_find(struct copies *c, uint32_t **slot)
{
    const struct snapshot *s = c->snapshot;
    uint32_t all = c->count + c->singles;
    struct key_table places;
    key_table_init(&places, sizeof(struct place));
    struct holder *holders = holders_find(s, c->order, *slot, all);
    int status = -1;
    free(*slot);
    *slot = NULL;
    c->place = calloc((size_t)all + 1, sizeof *c->place);
    if (!holders || !c->place)
        goto out;
    for (uint32_t n = 0; n < all; n++) {
        struct place place = {c->order->rank[s->type[c->object[n]]], holders[n]};
        if (!key_table_add(&places, &place, &c->place[n]))
            goto out;
    }
    free(holders);
    holders = NULL;
    if (keys_forget(c, &places) < 0 || places_merge(c, &places) < 0)
        goto out;
    status = 0;
out:
    free(holders);
    key_table_free(&places);
    return status;
}

int copies_find(const struct snapshot *snapshot, const struct type_order *order,
                const struct garbage *garbage, const char *type, struct copies *copies)
{
    *copies = (struct copies){.snapshot = snapshot, .order = order};
    uint32_t *slot = malloc(((size_t)snapshot->object_count + 1) * sizeof *slot);
    int status = -1;
    if (!slot)
        goto out;
    memset(slot, 0xff, snapshot->object_count * sizeof *slot);
    if (members_select(copies, garbage, type) < 0 || singles_select(copies, garbage, slot) < 0 ||
        places_find(copies, &slot) < 0)
        goto out;
    status = 0;
out:
    free(slot);
    return status;
}

void copies_free(struct copies *copies)
{
    free(copies->values);
    free(copies->object);
    free(copies->value);
    free(copies->place);
    free(copies->places);
    *copies = (struct copies){0};
}
