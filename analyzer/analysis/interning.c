/* SPDX-License-Identifier: MIT */
#include "analysis/interning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/holder.h"
#include "structure/tally.h"

#define PLACES_SHOWN 10
#define EXAMPLES_SHOWN 5

/* Under a key of data dicts with fewer values than this, the key is data, too: "dict[*]". */
#define KEY_COPIES 4

/* All copies of a value that could go. */
struct value_sum {
    uint64_t copies, bytes, one; /* one: the smallest copy, which stays */
    bool has_target; /* an interned or immortal copy exists: all of the others could go */
};

/* A place and the type of what it holds. Without padding: it is a key. */
struct place {
    uint32_t type;
    struct holder holder;
};

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct site_table *sites;
    uint64_t heap_bytes;
    struct value_sum *sums;
    uint32_t copies;  /* members that could go */
    uint32_t *member; /* of each of those: index of the snapshot's members */
    uint32_t *place;  /* of each of those: number of the place, later of the group */
    struct key_table places;
    struct place *groups; /* places with different texts, in the order of the texts */
    uint32_t group_count;
    struct tally values, where;
};

enum advice interning_advice(uint64_t copies, uint64_t distinct, uint64_t net_bytes,
                             uint64_t heap_bytes)
{
    uint64_t floor = heap_bytes / 1000, surplus = copies - distinct;
    if (floor < INTERNING_NET_FLOOR)
        floor = INTERNING_NET_FLOOR;
    if (net_bytes < floor || surplus < INTERNING_RATIO_MAYBE * distinct)
        return ADVICE_NO;
    return surplus >= INTERNING_RATIO * distinct ? ADVICE_INTERN : ADVICE_MAYBE;
}

const char *interning_advice_name(enum advice advice)
{
    static const char *const name[] = {"intern", "maybe", "no"};
    return name[advice];
}

/* Sums up values, and lists the members that could go. */
static int members_select(struct work *w, const struct garbage *garbage)
{
    const struct snapshot *snapshot = w->snapshot;
    const uint32_t stays = OURO_OBJECT_INTERNED | OURO_OBJECT_IMMORTAL | OURO_OBJECT_STATIC;
    w->sums = calloc((size_t)snapshot->value_count + 1, sizeof *w->sums);
    w->member = malloc(((size_t)snapshot->member_count + 1) * sizeof *w->member);
    if (!w->sums || !w->member)
        return -1;
    for (uint32_t m = 0; m < snapshot->member_count; m++) {
        uint32_t o = snapshot->member_object[m];
        struct value_sum *sum = &w->sums[snapshot->member_value[m]];
        if (garbage->class[o] != CLASS_LIVE)
            continue;
        if (snapshot->flags[o] & stays) {
            sum->has_target = true;
            continue;
        }
        if (!sum->copies || object_size(snapshot, o) < sum->one)
            sum->one = object_size(snapshot, o);
        sum->copies++;
        sum->bytes += object_size(snapshot, o);
        w->member[w->copies++] = m;
    }
    /* A value of which one copy is left (the others are dead) is no duplicate any more. */
    uint32_t kept = 0;
    for (uint32_t c = 0; c < w->copies; c++) {
        const struct value_sum *sum = &w->sums[snapshot->member_value[w->member[c]]];
        if (sum->copies > 1 || sum->has_target)
            w->member[kept++] = w->member[c];
    }
    w->copies = kept;
    return 0;
}

/* Finds the place of every copy. */
static int places_find(struct work *w)
{
    const struct snapshot *snapshot = w->snapshot;
    uint32_t *slot = malloc(((size_t)snapshot->object_count + 1) * sizeof *slot);
    struct holder *holders = NULL;
    int status = -1;
    w->place = malloc(((size_t)w->copies + 1) * sizeof *w->place);
    if (!slot || !w->place)
        goto out;
    memset(slot, 0xff, snapshot->object_count * sizeof *slot);
    for (uint32_t c = 0; c < w->copies; c++)
        slot[snapshot->member_object[w->member[c]]] = c;
    holders = holders_find(snapshot, w->order, slot, w->copies);
    if (!holders)
        goto out;
    for (uint32_t c = 0; c < w->copies; c++) {
        uint32_t o = snapshot->member_object[w->member[c]];
        struct place place = {w->order->rank[snapshot->type[o]], holders[c]};
        if (!key_table_add(&w->places, &place, &w->place[c]))
            goto out;
    }
    status = 0;
out:
    free(slot);
    free(holders);
    return status;
}

/* Forgets the keys of data dicts under which there are but a few copies. */
static int keys_forget(struct work *w)
{
    uint32_t *copies = calloc((size_t)w->places.count + 1, sizeof *copies);
    if (!copies)
        return -1;
    int status = 0;
    for (uint32_t c = 0; c < w->copies; c++)
        copies[w->place[c]]++;
    for (uint32_t c = 0; !status && c < w->copies; c++) {
        struct place place;
        memcpy(&place, key_table_key(&w->places, w->place[c]), sizeof place);
        if (!holder_is_key(&place.holder) || copies[w->place[c]] >= KEY_COPIES)
            continue;
        place.holder = holder_any_key(place.holder);
        if (!key_table_add(&w->places, &place, &w->place[c]))
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

/* Makes one group of places with the same text. */
static int places_merge(struct work *w)
{
    uint32_t count = w->places.count;
    struct numbered_place *sorted = malloc(((size_t)count + 1) * sizeof *sorted);
    uint32_t *group = malloc(((size_t)count + 1) * sizeof *group);
    w->groups = malloc(((size_t)count + 1) * sizeof *w->groups);
    int status = sorted && group && w->groups ? 0 : -1;
    if (!status) {
        for (uint32_t n = 0; n < count; n++) {
            memcpy(&sorted[n].place, key_table_key(&w->places, n), sizeof sorted[n].place);
            sorted[n].number = n;
        }
        qsort_r(sorted, count, sizeof *sorted, place_compare, (void *)w->snapshot);
        for (uint32_t i = 0; i < count; i++) {
            if (i == 0 || place_compare(&sorted[i - 1], &sorted[i], (void *)w->snapshot) != 0)
                w->groups[w->group_count++] = sorted[i].place;
            group[sorted[i].number] = w->group_count - 1;
        }
        for (uint32_t c = 0; c < w->copies; c++)
            w->place[c] = group[w->place[c]];
    }
    free(sorted);
    free(group);
    return status;
}

static int value_compare(uint32_t left, uint32_t right, const void *snapshot_)
{
    const struct snapshot *snapshot = snapshot_;
    const struct value_info *a = &snapshot->values[left], *b = &snapshot->values[right];
    int order = strcmp(a->preview, b->preview);
    return order ? order : memcmp(a->hash, b->hash, sizeof a->hash);
}

static int copies_count(struct work *w)
{
    const struct snapshot *snapshot = w->snapshot;
    for (uint32_t c = 0; c < w->copies; c++) {
        uint32_t o = snapshot->member_object[w->member[c]];
        uint32_t site = site_table_of_row(w->sites, snapshot->row[o]);
        if (!tally_add(&w->values, w->place[c], snapshot->member_value[w->member[c]], 1,
                       object_size(snapshot, o)))
            return -1;
        if (site_table_has(w->sites, snapshot->row[o]) &&
            !tally_add(&w->where, w->place[c], site, 1, object_size(snapshot, o)))
            return -1;
    }
    if (!tally_sort(&w->values, value_compare, snapshot) ||
        !tally_sort(&w->where, site_compare, w->process))
        return -1;
    return 0;
}

/* Interned strings live for ever on 3.12 and without a GIL. */
static bool interned_is_immortal(const struct process *process)
{
    return !strncmp(process->runtime_version, "3.12.", 5) ||
           (process->flags & OURO_PROCESS_FREE_THREADED);
}

static const char *fix_text(const struct work *w, const struct place *place, struct arena *arena)
{
    bool is_str = !strcmp(w->order->name[place->type], "str");
    const char *fix = holder_fix(&place->holder, is_str);
    if (!is_str || !interned_is_immortal(w->process))
        return fix;
    char text[256];
    snprintf(text, sizeof text, "%s (this runtime never frees an interned string)", fix);
    return arena_copy(arena, text, strlen(text));
}

static int group_finish(const struct work *w, uint32_t number, struct interning_group *group,
                        struct arena *arena)
{
    const struct place *place = &w->groups[number];
    uint32_t count;
    const struct tally_entry *entry = tally_group(&w->values, number, &count);
    uint64_t table = 0;
    *group = (struct interning_group){
        .type = w->order->name[place->type],
        .holder = holder_text(w->snapshot, w->order, &place->holder, arena),
        .fix = fix_text(w, place, arena),
        .distinct = count,
        .example_count = count < EXAMPLES_SHOWN ? count : EXAMPLES_SHOWN,
    };
    for (uint32_t e = 0; e < count; e++) {
        const struct value_sum *sum = &w->sums[entry[e].item];
        group->copies += entry[e].objects;
        group->gross_bytes += entry[e].bytes - (sum->has_target ? 0 : sum->one);
        table += sum->has_target ? 0 : INTERNING_ENTRY_BYTES;
    }
    group->net_bytes = group->gross_bytes > table ? group->gross_bytes - table : 0;
    group->advice = ADVICE_NO;
    if (holder_is_programs(w->order, &place->holder))
        group->advice =
            interning_advice(group->copies, group->distinct, group->net_bytes, w->heap_bytes);
    group->examples = arena_alloc(arena, group->example_count, sizeof *group->examples);
    if (!group->holder || !group->fix || !group->examples ||
        !site_shares(&w->where, number, PLACES_SHOWN, arena, &group->sites, &group->site_count))
        return -1;
    for (uint32_t e = 0; e < group->example_count; e++) {
        const struct value_info *value = &w->snapshot->values[entry[e].item];
        bool withheld = w->process->flags & OURO_PROCESS_NO_VALUES;
        group->examples[e] = (struct interning_example){
            .value = withheld ? NULL : value->preview,
            .truncated = value->flags & OURO_VALUE_TRUNCATED,
            .bytes = value->flags & OURO_VALUE_BYTES,
            .copies = entry[e].objects,
        };
    }
    return 0;
}

static int group_compare(const void *left, const void *right)
{
    const struct interning_group *a = left, *b = right;
    if (a->net_bytes != b->net_bytes)
        return a->net_bytes < b->net_bytes ? 1 : -1;
    if (a->gross_bytes != b->gross_bytes)
        return a->gross_bytes < b->gross_bytes ? 1 : -1;
    if (a->copies != b->copies)
        return a->copies < b->copies ? 1 : -1;
    int order = strcmp(a->type, b->type);
    return order ? order : strcmp(a->holder, b->holder);
}

static void totals_sum(const struct work *w, struct interning *interning)
{
    uint64_t table = 0;
    for (uint32_t v = 1; v <= w->snapshot->value_count; v++) {
        const struct value_sum *sum = &w->sums[v];
        if (sum->copies < 2 && !(sum->has_target && sum->copies))
            continue;
        interning->copies += sum->copies;
        interning->distinct++;
        interning->gross_bytes += sum->bytes - (sum->has_target ? 0 : sum->one);
        table += sum->has_target ? 0 : INTERNING_ENTRY_BYTES;
    }
    if (interning->gross_bytes > table)
        interning->net_bytes = interning->gross_bytes - table;
}

int interning_find(const struct process *process, const struct snapshot *snapshot,
                   const struct type_order *order, const struct site_table *sites,
                   const struct garbage *garbage, uint64_t heap_bytes, struct interning *interning)
{
    *interning = (struct interning){.arena = arena_new()};
    struct work w = {
        .process = process,
        .snapshot = snapshot,
        .order = order,
        .sites = sites,
        .heap_bytes = heap_bytes,
    };
    key_table_init(&w.places, sizeof(struct place));
    tally_init(&w.values);
    tally_init(&w.where);
    int status = -1;
    if (!interning->arena || members_select(&w, garbage) < 0 || places_find(&w) < 0 ||
        keys_forget(&w) < 0 || places_merge(&w) < 0 || copies_count(&w) < 0)
        goto out;
    totals_sum(&w, interning);
    interning->groups = arena_alloc(interning->arena, w.group_count, sizeof *interning->groups);
    if (!interning->groups)
        goto out;
    for (uint32_t g = 0; g < w.group_count; g++) {
        struct interning_group *group = &interning->groups[interning->group_count];
        if (group_finish(&w, g, group, interning->arena) < 0)
            goto out;
        interning->group_count += group->copies != 0; /* 0: its keys were forgotten */
    }
    qsort(interning->groups, interning->group_count, sizeof *interning->groups, group_compare);
    status = 0;
out:
    free(w.sums);
    free(w.member);
    free(w.place);
    free(w.groups);
    key_table_free(&w.places);
    tally_free(&w.values);
    tally_free(&w.where);
    return status;
}

void interning_free(struct interning *interning)
{
    arena_free(interning->arena);
    *interning = (struct interning){0};
}
