/* SPDX-License-Identifier: MIT */
#include "analysis/row_types.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"
#include "structure/pair_counts.h"

/* What is known of one type in a row: how many died, and how many the snapshot has. */
struct known {
    uint32_t type; /* number of its name; UNKNOWN: the rest */
    uint64_t died, seen;
};
#define UNKNOWN UINT32_MAX

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    struct row_types *types;
    struct arena *arena;
    uint32_t *of_ledger, *of_snapshot; /* type → number of its name */
    struct item_lists seen;            /* row → (number, objects in the snapshot) */
    struct known *known;               /* of the row at hand */
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
    w->of_ledger = malloc(((size_t)p->type_count + 1) * sizeof *w->of_ledger);
    w->of_snapshot = malloc(((size_t)snapshot_types + 1) * sizeof *w->of_snapshot);
    if (!types->names || !w->of_ledger || !w->of_snapshot)
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
    for (uint32_t t = 1; t <= p->type_count; t++)
        w->of_ledger[t] = name_find(types, p->types[t]);
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
        if (kept && known[kept - 1].type == known[k].type) {
            known[kept - 1].died += known[k].died;
            known[kept - 1].seen += known[k].seen;
        } else {
            known[kept++] = known[k];
        }
    }
    return kept;
}

/* Collects what is known of a row; an entry for the rest, if there is any, comes last. */
static bool known_collect(struct work *w, uint32_t number, uint64_t deaths, uint64_t alive,
                          uint32_t *count)
{
    const struct process *p = w->process;
    uint32_t first = p->dead.first ? p->dead.first[number] : 0;
    uint32_t end = p->dead.first ? p->dead.first[number + 1] : 0;
    uint32_t seen_first = w->seen.first[number], seen_end = w->seen.first[number + 1], n = 0;
    uint64_t died = 0, seen = 0;
    if (!known_room(w, (size_t)end - first + seen_end - seen_first + 1))
        return false;
    for (uint32_t i = first; i < end; i++) {
        const struct item_count *item = &p->dead.items[i];
        w->known[n++] = (struct known){w->of_ledger[item->item], item->count, 0};
        died += item->count;
    }
    for (uint32_t i = seen_first; i < seen_end; i++) {
        const struct item_count *item = &w->seen.items[i];
        w->known[n++] = (struct known){item->item, 0, item->count};
        seen += item->count;
    }
    n = known_merge(w->known, n);
    struct known rest = {UNKNOWN, deaths > died ? deaths - died : 0, 0};
    if (seen) {
        /* Blocks that are no objects of the snapshot; of a sample that cannot be told. */
        rest.seen = p->unit <= 1 && alive > seen ? alive - seen : 0;
    } else if (died > rest.died) {
        for (uint32_t k = 0; k < n; k++) /* what is alive is taken for what died */
            w->known[k].seen = w->known[k].died;
        rest.seen = rest.died;
    } else {
        rest.seen = 1;
    }
    if (rest.died || rest.seen)
        w->known[n++] = rest;
    *count = n;
    return true;
}

/* Shares out a total by the weights gathered in w->weights. */
static const uint64_t *share(struct work *w, uint64_t total, uint32_t count)
{
    estimate_share(total, w->weights, count, w->shares);
    return w->shares;
}

static bool row_add(struct work *w, uint32_t number)
{
    const struct row *row = &w->process->rows[number];
    struct row_types *types = w->types;
    uint64_t deaths = row->deaths[0] + row->deaths[1] + row->deaths[2];
    uint64_t alive = row->births > deaths ? row->births - deaths : 0;
    uint64_t left = row->born_bytes > row->died_bytes ? row->born_bytes - row->died_bytes : 0;
    uint32_t first = types->first[number], count;
    if (!known_collect(w, number, deaths, alive, &count))
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
        uint32_t type = w->known[k].type;
        items[k] = (struct row_type){.type = type == UNKNOWN ? NULL : types->names[type]};
        w->weights[k] = w->known[k].died;
    }
    share(w, deaths, count); /* as they are, unless they are more than the deaths: damage */
    memcpy(w->weights, w->shares, count * sizeof *w->weights);
    for (unsigned cause = 0; cause < 3; cause++) {
        share(w, row->deaths[cause], count);
        for (uint32_t k = 0; k < count; k++) {
            items[k].deaths[cause] = w->shares[k];
            w->weights[k] -= w->shares[k];
        }
    }
    for (uint32_t k = 0; k < count; k++)
        w->weights[k] = row_type_deaths(&items[k]);
    share(w, row->died_bytes, count);
    for (uint32_t k = 0; k < count; k++) {
        items[k].died_bytes = w->shares[k];
        w->weights[k] = w->known[k].seen;
    }
    share(w, alive, count);
    for (uint32_t k = 0; k < count; k++)
        items[k].alive = w->weights[k] = w->shares[k];
    share(w, left, count);
    uint32_t kept = 0;
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
    free(w.of_ledger);
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
    *types = (struct row_types){0};
}

const struct row_type *row_types_of(const struct row_types *types, uint32_t row, uint32_t *count)
{
    *count = types->first[row + 1] - types->first[row];
    return types->items + types->first[row];
}

bool row_types_lifetimes(const struct row_types *types, uint32_t number, struct lifetimes *shares)
{
    const struct process *p = types->process;
    const struct row *row = &p->rows[number];
    uint32_t count;
    const struct row_type *items = row_types_of(types, number, &count);
    struct lifetimes whole = {{0}};
    if (p->lifetimes.first) {
        for (uint32_t i = p->lifetimes.first[number]; i < p->lifetimes.first[number + 1]; i++)
            whole.bucket[p->lifetimes.items[i].item] = p->lifetimes.items[i].count;
    }
    if (p->unit > 1) { /* recorded blocks become what they stand for */
        struct lifetimes recorded = whole;
        estimate_share(row->deaths[0] + row->deaths[1] + row->deaths[2], recorded.bucket,
                       OURO_LIFETIME_BUCKETS, whole.bucket);
    }
    if (count <= 1) {
        *shares = whole;
        return true;
    }
    uint64_t *left = malloc(count * sizeof *left), *share = malloc(count * sizeof *share);
    for (uint32_t k = 0; left && share && k < count; k++)
        left[k] = row_type_deaths(&items[k]);
    for (unsigned b = 0; left && share && b < OURO_LIFETIME_BUCKETS; b++) {
        estimate_share(whole.bucket[b], left, count, share);
        for (uint32_t k = 0; k < count; k++) {
            shares[k].bucket[b] = share[k];
            left[k] -= share[k];
        }
    }
    bool ok = left && share;
    free(left);
    free(share);
    return ok;
}
