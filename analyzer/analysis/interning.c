/* SPDX-License-Identifier: MIT */
#include "analysis/interning.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/intern_table.h"
#include "analysis/interning_copies.h"
#include "analysis/release.h"
#include "structure/tally.h"

#define PLACES_SHOWN 10
#define EXAMPLES_SHOWN 5
#define HOLDERS_SHOWN 5
#define SITE_SHARE 50u /* a line makes a group's copies if it makes one in so many of them */

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    const struct site_table *sites;
    struct interning *interning;
    uint64_t heap_bytes;
    struct copies copies;
    struct intern_table interned; /* of the runtime */
    uint32_t *group;              /* of each copy */
    uint32_t group_count;
    uint32_t *first, *sorted; /* copies of group g: sorted[first[g] … first[g + 1] − 1] */
    struct key_table pairs;   /* of group and value */
    uint32_t *keeper;         /* of each pair: the copy that stays, NO_ID: there is a target */
    struct tally values, made, held;
    struct release release;
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

const char *interning_by_name(enum interning_by by)
{
    static const char *const name[] = {"holder", "site", "value"};
    return name[by];
}

/* Gives every copy its group. */
static int groups_assign(struct work *w)
{
    const struct copies *c = &w->copies;
    struct key_table keys;
    int status = -1;
    w->group_count = c->place_count;
    if (w->interning->query.by == INTERNING_BY_HOLDER) {
        w->group = c->place;
        return 0;
    }
    key_table_init(&keys, 2 * sizeof(uint32_t));
    w->group = malloc(((size_t)c->count + 1) * sizeof *w->group);
    if (!w->group)
        goto out;
    for (uint32_t n = 0; n < c->count; n++) {
        uint32_t o = c->object[n], key[2] = {c->value[n], NO_ID};
        if (w->interning->query.by == INTERNING_BY_SITE) {
            key[0] = c->order->rank[w->snapshot->type[o]];
            key[1] = site_table_of_row(w->sites, w->snapshot->row[o]);
        }
        if (!key_table_add(&keys, key, &w->group[n]))
            goto out;
        w->group_count = keys.count;
    }
    status = 0;
out:
    key_table_free(&keys);
    return status;
}

/* Sorts copies by group. */
static int copies_sort(struct work *w)
{
    uint32_t count = w->copies.count;
    w->first = calloc((size_t)w->group_count + 2, sizeof *w->first);
    w->sorted = malloc(((size_t)count + 1) * sizeof *w->sorted);
    if (!w->first || !w->sorted)
        return -1;
    for (uint32_t n = 0; n < count; n++)
        w->first[w->group[n] + 2]++;
    for (uint32_t g = 0; g < w->group_count; g++)
        w->first[g + 2] += w->first[g + 1];
    for (uint32_t n = 0; n < count; n++)
        w->sorted[w->first[w->group[n] + 1]++] = n;
    return 0;
}

static int value_compare(uint32_t left, uint32_t right, const void *snapshot_)
{
    const struct snapshot *snapshot = snapshot_;
    const struct value_info *a = &snapshot->values[left], *b = &snapshot->values[right];
    int order = strcmp(a->preview, b->preview);
    return order ? order : memcmp(a->hash, b->hash, sizeof a->hash);
}

/* Counts by group: values, places that made them, places that hold them; and who stays. */
static int copies_count(struct work *w)
{
    const struct copies *c = &w->copies;
    const struct snapshot *s = w->snapshot;
    uint32_t room = 0;
    for (uint32_t n = 0; n < c->count; n++) {
        uint32_t o = c->object[n], key[2] = {w->group[n], c->value[n]}, pair, known;
        uint32_t site = site_table_of_row(w->sites, s->row[o]);
        known = w->pairs.count;
        if (!key_table_add(&w->pairs, key, &pair))
            return -1;
        if (pair >= room) {
            room = room ? room * 2 : 1024;
            uint32_t *keeper = realloc(w->keeper, room * sizeof *keeper);
            if (!keeper)
                return -1;
            w->keeper = keeper;
        }
        if (c->values[c->value[n]].has_target)
            w->keeper[pair] = NO_ID;
        else if (pair == known || copies_older(s, o, w->keeper[pair]))
            w->keeper[pair] = o;
        if (!tally_add(&w->values, w->group[n], c->value[n], 1, object_size(s, o)) ||
            !tally_add(&w->held, w->group[n], c->place[n], 1, object_size(s, o)))
            return -1;
        if (site_table_has(w->sites, s->row[o]) &&
            !tally_add(&w->made, w->group[n], site, 1, object_size(s, o)))
            return -1;
    }
    if (!tally_sort(&w->values, value_compare, s) || !tally_sort(&w->held, NULL, NULL) ||
        !tally_sort(&w->made, site_compare, w->process))
        return -1;
    return 0;
}

/* The runtime's table of interned strings; if it was not found, one of the strings that there are. */
static void interned_find(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    w->interned = (struct intern_table){
        .used = s->interned.used,
        .room = s->interned.room,
        .slots = s->interned.slots,
        .entry_bytes = intern_table_entry(w->process->runtime_version, true),
    };
    if (s->interned.slots)
        return;
    for (uint32_t o = 0; o < s->object_count; o++)
        w->interned.used +=
            (s->flags[o] & (OURO_OBJECT_INTERNED | OURO_OBJECT_STATIC)) == OURO_OBJECT_INTERNED;
    if (!w->interned.used)
        return;
    for (w->interned.slots = 8; w->interned.slots * 2 / 3 < w->interned.used;)
        w->interned.slots *= 2;
    w->interned.room = w->interned.slots * 2 / 3 - w->interned.used;
}

/* Bytes of the table that values without a target need. */
static uint64_t table_bytes(const struct work *w, bool interns, uint64_t entries)
{
    const struct intern_table cache = {
        .entry_bytes = intern_table_entry(w->process->runtime_version, interns)};
    return intern_table_growth(interns ? &w->interned : &cache, entries);
}

/* All copies of a group but those that stay go. */
static bool group_release(struct work *w, uint32_t number, struct release *release)
{
    const struct copies *c = &w->copies;
    for (uint32_t i = w->first[number]; i < w->first[number + 1]; i++) {
        uint32_t n = w->sorted[i], key[2] = {number, c->value[n]}, pair;
        if (key_table_find(&w->pairs, key, &pair) && w->keeper[pair] != c->object[n] &&
            !release_object(release, c->object[n]))
            return false;
    }
    return true;
}

static int group_examples(const struct work *w, const struct tally_entry *entry, uint32_t count,
                          struct interning_group *group)
{
    bool withheld = w->process->flags & OURO_PROCESS_NO_VALUES;
    group->example_count = count < EXAMPLES_SHOWN ? count : EXAMPLES_SHOWN;
    group->examples =
        arena_alloc(w->interning->arena, group->example_count, sizeof *group->examples);
    if (!group->examples)
        return -1;
    for (uint32_t e = 0; e < group->example_count; e++) {
        const struct value_info *value = &w->snapshot->values[entry[e].item];
        group->examples[e] = (struct interning_example){
            .value = withheld ? NULL : value->preview,
            .truncated = value->flags & OURO_VALUE_TRUNCATED,
            .bytes = value->flags & OURO_VALUE_BYTES,
            .copies = entry[e].objects,
        };
    }
    return 0;
}

static int group_holders(const struct work *w, uint32_t number, struct interning_group *group)
{
    uint32_t count;
    const struct tally_entry *entry = tally_group(&w->held, number, &count);
    group->holder_count = count < HOLDERS_SHOWN ? count : HOLDERS_SHOWN;
    group->holders = arena_alloc(w->interning->arena, group->holder_count, sizeof *group->holders);
    if (!group->holders)
        return -1;
    for (uint32_t e = 0; e < group->holder_count; e++) {
        const struct place *place = &w->copies.places[entry[e].item];
        group->holders[e].copies = entry[e].objects;
        group->holders[e].holder =
            holder_text(w->snapshot, w->copies.order, &place->holder, w->interning->arena);
        if (!group->holders[e].holder)
            return -1;
    }
    group->holder = group->holders[0].holder;
    return 0;
}

/* Whether a program may put another one in the place of a copy: not where it is the language's, and not what
 * importing itself makes, the constants of compiled code above all. */
static bool is_programs(const struct work *w, uint32_t copy)
{
    const struct copies *c = &w->copies;
    uint32_t site = site_table_of_row(w->sites, w->snapshot->row[c->object[copy]]);
    return holder_is_assigned(w->snapshot, c->order, &c->places[c->place[copy]].holder) &&
           !(site && site_is_importing(w->process, site));
}

/* What of a group can be added up, and whether the program put most of it where it is. */
static void group_sum(const struct work *w, uint32_t number, struct interning_group *group,
                      uint64_t *entries, bool *programs)
{
    const struct copies *c = &w->copies;
    uint32_t count;
    uint64_t can = 0;
    const struct tally_entry *entry = tally_group(&w->values, number, &count);
    group->distinct = count;
    for (uint32_t e = 0; e < count; e++) {
        group->copies += entry[e].objects;
        group->gross_bytes += entry[e].bytes;
        *entries += !c->values[entry[e].item].has_target;
    }
    for (uint32_t i = w->first[number]; i < w->first[number + 1]; i++) {
        uint32_t n = w->sorted[i], key[2] = {number, c->value[n]}, pair;
        if (key_table_find(&w->pairs, key, &pair) && w->keeper[pair] == c->object[n])
            group->gross_bytes -= object_size(w->snapshot, c->object[n]);
    }
    for (uint32_t i = w->first[number]; i < w->first[number + 1]; i++)
        can += is_programs(w, w->sorted[i]);
    *programs = can * 2 > group->copies;
}

static int group_finish(struct work *w, uint32_t number, uint64_t unique,
                        struct interning_group *group)
{
    struct arena *arena = w->interning->arena;
    uint32_t count;
    const struct tally_entry *held = tally_group(&w->held, number, &count);
    const struct place *place = &w->copies.places[held[0].item];
    uint64_t entries = 0, freed = 0;
    bool programs;
    *group = (struct interning_group){
        .type = w->copies.order->name[place->type], .unique = unique, .number = number};
    group_sum(w, number, group, &entries, &programs);
    if (!group_release(w, number, &w->release) || !release_run(&w->release, &freed))
        return -1;
    group->net_objects = w->release.dead.count;
    release_reset(&w->release);
    group->table_bytes = table_bytes(w, !strcmp(group->type, "str"), entries + unique);
    group->net_bytes = freed > group->table_bytes ? freed - group->table_bytes : 0;
    group->advice =
        programs ? interning_advice(group->copies, group->distinct, group->net_bytes, w->heap_bytes)
                 : ADVICE_NO;
    const struct tally_entry *entry = tally_group(&w->values, number, &count);
    if (group_examples(w, entry, count, group) < 0 || group_holders(w, number, group) < 0 ||
        !site_shares(&w->made, number, PLACES_SHOWN, arena, &group->sites, &group->site_count))
        return -1;
    const struct fix_subject subject = {
        .type = group->type,
        .holder = &place->holder,
        .programs = programs,
        .site = group->site_count ? group->sites[0].site : 0,
        .distinct = group->distinct,
    };
    return intern_fix(w->process, &subject, arena, &group->fix) ? 0 : -1;
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
    if (!order)
        order = strcmp(a->holder, b->holder);
    if (!order && a->example_count && a->examples[0].value && b->examples[0].value)
        order = strcmp(a->examples[0].value, b->examples[0].value);
    return order;
}

/* All values together, each counted once. */
static int totals_sum(struct work *w)
{
    struct interning *n = w->interning;
    const struct copies *c = &w->copies;
    uint64_t entries = 0, table = 0, freed = 0;
    for (uint32_t v = 1; v <= w->snapshot->value_count; v++) {
        const struct value_sum *sum = &c->values[v];
        if (sum->copies < 2 && !(sum->has_target && sum->copies))
            continue;
        n->copies += sum->copies;
        n->distinct++;
        n->gross_bytes += sum->bytes;
        if (!sum->has_target) {
            n->gross_bytes -= object_size(w->snapshot, sum->oldest);
            entries++;
        }
    }
    for (uint32_t i = 0; i < c->count; i++) {
        const struct value_sum *sum = &c->values[c->value[i]];
        if ((sum->has_target || sum->oldest != c->object[i]) &&
            !release_object(&w->release, c->object[i]))
            return -1;
    }
    if (!release_run(&w->release, &freed))
        return -1;
    release_reset(&w->release);
    table = table_bytes(w, false, entries);
    n->net_bytes = freed > table ? freed - table : 0;
    return 0;
}

/* The groups, and what all that are advised save together. */
static int groups_finish(struct work *w)
{
    struct interning *n = w->interning;
    uint64_t *unique = calloc((size_t)w->group_count + 1, sizeof *unique);
    n->groups = arena_alloc(n->arena, w->group_count, sizeof *n->groups);
    int status = unique && n->groups ? 0 : -1;
    for (uint32_t i = 0; !status && i < w->copies.singles; i++) {
        uint32_t at = w->copies.count + i, row = w->snapshot->row[w->copies.object[at]], known;
        uint32_t key[2] = {w->copies.place[at], site_table_of_row(w->sites, row)};
        /* Those that are made where copies are made: the fix is at that line. */
        if (n->query.by == INTERNING_BY_HOLDER && key_table_find(&w->made.keys, key, &known) &&
            w->made.sums[known][0] * SITE_SHARE >= w->first[key[0] + 1] - w->first[key[0]])
            unique[key[0]]++;
    }
    for (uint32_t g = 0; !status && g < w->group_count; g++) {
        struct interning_group *group = &n->groups[n->group_count];
        if (w->first[g] == w->first[g + 1])
            continue; /* its keys were forgotten, or there are only singles */
        status = group_finish(w, g, unique[g], group);
        if (status)
            break;
        if (group->net_bytes < n->query.least)
            n->left_out++;
        else
            n->group_count++;
    }
    free(unique);
    return status;
}

/* What all groups that are advised save together, and what each adds to those before it. */
static int advised_sum(struct work *w)
{
    struct interning *n = w->interning;
    for (uint32_t g = 0; g < n->group_count; g++) {
        struct interning_group *group = &n->groups[g];
        uint64_t freed = 0;
        if (group->advice == ADVICE_NO)
            continue;
        if (!group_release(w, group->number, &w->release) || !release_run(&w->release, &freed))
            return -1;
        group->added_bytes = freed > group->table_bytes ? freed - group->table_bytes : 0;
        n->advised_bytes += group->added_bytes;
    }
    n->advised_dead = w->release.dead;
    w->release.dead = (struct worklist){0};
    return 0;
}

int interning_find(const struct process *process, const struct snapshot *snapshot,
                   const struct type_order *order, const struct site_table *sites,
                   const struct garbage *garbage, uint64_t heap_bytes,
                   const struct interning_query *query, struct interning *interning)
{
    *interning = (struct interning){.query = *query, .arena = arena_new()};
    struct work w = {
        .process = process,
        .snapshot = snapshot,
        .sites = sites,
        .interning = interning,
        .heap_bytes = heap_bytes,
    };
    key_table_init(&w.pairs, 2 * sizeof(uint32_t));
    tally_init(&w.values);
    tally_init(&w.made);
    tally_init(&w.held);
    int status = -1;
    if (!interning->arena || copies_find(snapshot, order, garbage, query->type, &w.copies) < 0 ||
        groups_assign(&w) < 0 || copies_sort(&w) < 0 || copies_count(&w) < 0 ||
        release_init(snapshot, &w.release) < 0)
        goto out;
    interned_find(&w);
    if (totals_sum(&w) < 0 || groups_finish(&w) < 0)
        goto out;
    qsort(interning->groups, interning->group_count, sizeof *interning->groups, group_compare);
    status = advised_sum(&w);
out:
    if (w.group != w.copies.place)
        free(w.group);
    copies_free(&w.copies);
    free(w.first);
    free(w.sorted);
    free(w.keeper);
    key_table_free(&w.pairs);
    tally_free(&w.values);
    tally_free(&w.made);
    tally_free(&w.held);
    release_free(&w.release);
    return status;
}

void interning_free(struct interning *interning)
{
    arena_free(interning->arena);
    worklist_free(&interning->advised_dead);
    *interning = (struct interning){0};
}
