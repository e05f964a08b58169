/* SPDX-License-Identifier: MIT */
#include "analysis/row_types.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"
#include "structure/pair_counts.h"

/* What is known of one type in a row: how many died of what, as how many it was named, how many the
 * snapshot has. */
struct known {
    uint32_t type; /* number of its name, or ROW_TYPE_UNKNOWN */
    uint64_t deaths[3], named, seen;
};
#define UNKNOWN ROW_TYPE_UNKNOWN

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    struct row_types *types;
    struct arena *arena;
    uint32_t *of_snapshot;  /* type → number of its name */
    struct item_lists seen; /* row → (number, objects in the snapshot) */
    struct known *known;    /* of the row at hand */
    uint32_t known_count;
    uint64_t *weights, *shares; /* as many */
    uint32_t item_room;
};

static int name_compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static uint32_t name_find(const struct row_types *types, const char *name)
{
    const char **found =
        bsearch(&name, types->names, types->name_count, sizeof *types->names, name_compare);
    return (uint32_t)(found - types->names);
}

/* All names once, ascending, and the numbers of the types of ledger and snapshot by them. */
static bool names_number(struct work *w)
{
    const struct process *p = w->process;
    struct row_types *types = w->types;
    uint32_t snapshot_types = w->snapshot ? w->snapshot->type_count : 0, unique = 0;
    size_t room = (size_t)p->type_count + snapshot_types;
    types->names = malloc((room + 1) * sizeof *types->names);
    types->of_ledger = malloc(((size_t)p->type_count + 1) * sizeof *types->of_ledger);
    w->of_snapshot = malloc(((size_t)snapshot_types + 1) * sizeof *w->of_snapshot);
    if (!types->names || !types->of_ledger || !w->of_snapshot)
        return false;
    for (uint32_t t = 1; t <= p->type_count; t++)
        types->names[types->name_count++] = p->types[t];
    for (uint32_t t = 1; t <= snapshot_types; t++)
        types->names[types->name_count++] = w->snapshot->types[t].name;
    qsort(types->names, types->name_count, sizeof *types->names, name_compare);
    for (uint32_t n = 0; n < types->name_count; n++) {
        if (!unique || strcmp(types->names[unique - 1], types->names[n]) != 0)
            types->names[unique++] = types->names[n];
    }
    types->name_count = unique;
    types->of_ledger[0] = UNKNOWN;
    for (uint32_t t = 1; t <= p->type_count; t++)
        types->of_ledger[t] = name_find(types, p->types[t]);
    for (uint32_t t = 1; t <= snapshot_types; t++)
        w->of_snapshot[t] = name_find(types, w->snapshot->types[t].name);
    return true;
}

static bool snapshot_count(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    struct pair_counts pairs = {0};
    for (uint32_t o = 0; s && o < s->object_count; o++) {
        if (s->row[o] && s->row[o] <= w->process->row_count && s->type[o] &&
            !pair_counts_add(&pairs, w->arena, s->row[o], w->of_snapshot[s->type[o]], 1))
            return false;
    }
    return pair_counts_finish(&pairs, w->arena, w->process->row_count + 1, &w->seen);
}

static bool known_room(struct work *w, size_t count)
{
    if (count <= w->known_count)
        return true;
    free(w->known);
    free(w->weights);
    free(w->shares);
    w->known_count = (uint32_t)count;
    w->known = malloc(count * sizeof *w->known);
    w->weights = malloc(count * sizeof *w->weights);
    w->shares = malloc(count * sizeof *w->shares);
    return w->known && w->weights && w->shares;
}

static int known_compare(const void *left, const void *right)
{
    const struct known *a = left, *b = right;
    return (a->type > b->type) - (a->type < b->type);
}

/* Sorts by type and makes entries of the same type one. Returns how many there are. */
static uint32_t known_merge(struct known *known, uint32_t count)
{
    uint32_t kept = 0;
    qsort(known, count, sizeof *known, known_compare);
    for (uint32_t k = 0; k < count; k++) {
        struct known *last = kept ? &known[kept - 1] : NULL;
        if (!last || last->type != known[k].type) {
            known[kept++] = known[k];
            continue;
        }
        for (unsigned cause = 0; cause < 3; cause++)
            last->deaths[cause] += known[k].deaths[cause];
        last->named += known[k].named;
        last->seen += known[k].seen;
    }
    return kept;
}

static uint64_t sum(const uint64_t deaths[3])
{
    return deaths[0] + deaths[1] + deaths[2];
}

/* Items of a list of a row. */
static const struct item_count *items_of(const struct item_lists *lists, uint32_t row,
                                         uint32_t *count)
{
    *count = lists->first ? lists->first[row + 1] - lists->first[row] : 0;
    return *count ? lists->items + lists->first[row] : NULL;
}

/* What was named an epoch after it died was counted as unknown then. */
static void name_late(struct known *known, uint32_t count)
{
    struct known *unknown = &known[count - 1];
    for (uint32_t k = 0; k + 1 < count; k++) {
        uint64_t told = sum(known[k].deaths), late = 0, moved[3];
        if (known[k].named > told)
            late = known[k].named - told;
        if (late > sum(unknown->deaths))
            late = sum(unknown->deaths);
        estimate_share(late, unknown->deaths, 3, moved);
        for (unsigned cause = 0; cause < 3; cause++) {
            known[k].deaths[cause] += moved[cause];
            unknown->deaths[cause] -= moved[cause];
        }
    }
}

/* Collects what is known of a row; the last entry, which may be empty, is for what is not known. */
static bool known_collect(struct work *w, uint32_t number, uint64_t alive, uint32_t *count)
{
    const struct process *p = w->process;
    const uint32_t *of_ledger = w->types->of_ledger;
    uint32_t dead_count, named_count, seen_count, n = 0;
    const struct item_count *dead = items_of(&p->deaths, number, &dead_count);
    const struct item_count *named = items_of(&p->named, number, &named_count);
    const struct item_count *objects = items_of(&w->seen, number, &seen_count);
    if (!known_room(w, (size_t)dead_count + named_count + seen_count + 1))
        return false;
    for (uint32_t i = 0; i < dead_count; i++) {
        struct known *known = &w->known[n++];
        *known = (struct known){.type = of_ledger[dead[i].item >> DEATHS_BITS]};
        known->deaths[dead[i].item & 3] = dead[i].count;
    }
    for (uint32_t i = 0; i < named_count; i++)
        w->known[n++] = (struct known){.type = of_ledger[named[i].item], .named = named[i].count};
    for (uint32_t i = 0; i < seen_count; i++)
        w->known[n++] = (struct known){.type = objects[i].item, .seen = objects[i].count};
    w->known[n++] = (struct known){.type = UNKNOWN};
    n = known_merge(w->known, n);
    name_late(w->known, n);

    struct known *unknown = &w->known[n - 1];
    uint64_t died = 0, seen = 0;
    for (uint32_t k = 0; k + 1 < n; k++) {
        died += sum(w->known[k].deaths);
        seen += w->known[k].seen;
    }
    if (seen) {
        /* Blocks that are no objects of the snapshot; of a sample that cannot be told. */
        unknown->seen = p->unit <= 1 && alive > seen ? alive - seen : 0;
    } else if (died > sum(unknown->deaths)) {
        for (uint32_t k = 0; k < n; k++) /* what is alive is taken for what died */
            w->known[k].seen = sum(w->known[k].deaths);
    } else {
        unknown->seen = 1;
    }
    *count = n;
    return true;
}

/* Shares out a total by the weights gathered in w->weights. */
static void share(struct work *w, uint64_t total, uint32_t count)
{
    estimate_share(total, w->weights, count, w->shares);
}

static bool row_add(struct work *w, uint32_t number)
{
    const struct row *row = &w->process->rows[number];
    struct row_types *types = w->types;
    uint64_t deaths = sum(row->deaths), alive = row->births > deaths ? row->births - deaths : 0;
    uint64_t left = row->born_bytes > row->died_bytes ? row->born_bytes - row->died_bytes : 0;
    uint32_t first = types->first[number], count, kept = 0;
    if (!known_collect(w, number, alive, &count))
        return false;
    if (first + count > w->item_room) {
        uint32_t room = w->item_room * 2 + count + 256;
        struct row_type *items = realloc(types->items, room * sizeof *items);
        if (!items)
            return false;
        types->items = items;
        w->item_room = room;
    }
    struct row_type *items = types->items + first;
    for (uint32_t k = 0; k < count; k++) {
        const struct known *known = &w->known[k];
        items[k] = (struct row_type){
            .type = known->type == UNKNOWN ? NULL : types->names[known->type],
            .number = known->type,
            .deaths = {known->deaths[0], known->deaths[1], known->deaths[2]},
        };
        w->weights[k] = sum(known->deaths);
    }
    share(w, row->died_bytes, count);
    for (uint32_t k = 0; k < count; k++) {
        items[k].died_bytes = w->shares[k];
        w->weights[k] = w->known[k].seen;
    }
    share(w, alive, count);
    for (uint32_t k = 0; k < count; k++)
        items[k].alive = w->weights[k] = w->shares[k];
    share(w, left, count);
    for (uint32_t k = 0; k < count; k++) {
        items[k].alive_bytes = w->shares[k];
        if (row_type_deaths(&items[k]) || items[k].alive)
            items[kept++] = items[k];
    }
    types->first[number + 1] = first + kept;
    return true;
}

int row_types_find(const struct process *process, const struct snapshot *snapshot,
                   struct row_types *types)
{
    *types = (struct row_types){.process = process};
    struct work w = {
        .process = process, .snapshot = snapshot, .types = types, .arena = arena_new()};
    int status = -1;
    types->first = calloc((size_t)process->row_count + 2, sizeof *types->first);
    if (!w.arena || !types->first || !names_number(&w) || !snapshot_count(&w))
        goto out;
    for (uint32_t r = 0; r <= process->row_count; r++) {
        const struct row *row = &process->rows[r];
        types->first[r + 1] = types->first[r];
        if (r && row->flags & OURO_ROW_OBJECT && row->births && !row_add(&w, r))
            goto out;
    }
    status = 0;
out:
    free(w.of_snapshot);
    free(w.known);
    free(w.weights);
    free(w.shares);
    arena_free(w.arena);
    return status;
}

void row_types_free(struct row_types *types)
{
    free(types->first);
    free(types->items);
    free(types->names);
    free(types->of_ledger);
    *types = (struct row_types){0};
}

const struct row_type *row_types_of(const struct row_types *types, uint32_t row, uint32_t *count)
{
    *count = types->first[row + 1] - types->first[row];
    return types->items + types->first[row];
}

static int number_compare(const void *left, const void *right)
{
    uint32_t number = *(const uint32_t *)left;
    const struct row_type *type = right;
    return (number > type->number) - (number < type->number);
}

/* Moves up to `most` of the lifetimes. */
static void lifetimes_move(struct lifetimes *from, struct lifetimes *to, uint64_t most)
{
    uint64_t count = lifetimes_count(from), parts[OURO_LIFETIME_BUCKETS];
    estimate_share(count < most ? count : most, from->bucket, OURO_LIFETIME_BUCKETS, parts);
    for (unsigned b = 0; b < OURO_LIFETIME_BUCKETS; b++) {
        from->bucket[b] -= parts[b];
        to->bucket[b] += parts[b];
    }
}

void row_types_lifetimes(const struct row_types *types, uint32_t row, struct lifetimes *shares)
{
    uint32_t count, items;
    const struct row_type *of_row = row_types_of(types, row, &count);
    const struct item_count *item = items_of(&types->process->lifetimes, row, &items);
    struct lifetimes unknown = {{0}};
    if (!count)
        return;
    memset(shares, 0, count * sizeof *shares);
    for (; items; items--, item++) {
        uint32_t number = types->of_ledger[item->item >> LIFETIMES_BITS];
        const struct row_type *type =
            bsearch(&number, of_row, count, sizeof *of_row, number_compare);
        struct lifetimes *to =
            type && number != ROW_TYPE_UNKNOWN ? &shares[type - of_row] : &unknown;
        to->bucket[item->item % (1u << LIFETIMES_BITS)] += item->count;
    }
    /* Types named an epoch late take theirs from the unknown ones, where they were counted. */
    for (uint32_t k = count; k-- > 0;) {
        uint64_t deaths = row_type_deaths(&of_row[k]), known = lifetimes_count(&shares[k]);
        if (deaths > known)
            lifetimes_move(&unknown, &shares[k], deaths - known);
    }
}
