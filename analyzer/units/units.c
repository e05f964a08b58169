/* SPDX-License-Identifier: MIT */
#include "units/units.h"

#include <stdlib.h>
#include <string.h>

#include "model/lines.h"
#include "units/unit_cycles.h"
#include "units/unit_holder.h"
#include "units/unit_windows.h"

/* A line that keeps something in so many tests, whatever their functions, leaks in them. */
#define TESTS_LEAST 3u

/* An object that a test left. */
struct left {
    uint32_t unit, line, object;
    bool dead;
};

/* Objects of one line that one test left. */
struct group {
    uint32_t unit, line, first, count;
    bool dead;
};

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct site_table *sites;
    const struct garbage *garbage;
    struct units *units;
    struct unit_sites parts;
    uint32_t *unit_of_site;   /* without marks */
    uint32_t *unit_of_object; /* of the dead */
    struct left *left;
    uint32_t left_count;
    struct lines lines;
    struct group *groups;
    uint32_t group_count;
    struct key_table pairs; /* of a line and a function … */
    uint32_t *runs_with;    /* … in how many runs of it something of the line is left */
    uint32_t *tests_with;   /* line → in how many tests something of it is left */
    struct unit_holders holders;
};

const char *unit_verdict_name(enum unit_verdict verdict)
{
    static const char *const names[] = {"clean", "warm-up", "kept", "cycles", "leaks"};
    return names[verdict];
}

/* The test that an object is to be counted for, NO_ID: none. */
static uint32_t unit_of(const struct work *w, uint32_t object)
{
    const struct snapshot *s = w->snapshot;
    const uint32_t unowned = OURO_OBJECT_STATIC | OURO_OBJECT_IMMORTAL;
    uint32_t row = s->row[object];
    if (!row || row > w->process->row_count || s->flags[object] & unowned)
        return NO_ID;
    uint32_t site = w->process->rows[row].site;
    uint8_t part = w->parts.part[site];
    if (part != UNIT_TEST && part != UNIT_FIXTURE)
        return NO_ID;
    /* Its place and birth may be those of an earlier object in the same block. */
    if (w->process->flags & OURO_PROCESS_APPROXIMATE &&
        s->types[s->type[object]].flags & OURO_TYPE_RECYCLED)
        return NO_ID;
    if (!w->units->marks)
        return w->unit_of_site[site];
    uint64_t birth = object_birth(s, object);
    return birth ? unit_at(w->units, birth) : NO_ID;
}

static int left_compare(const void *left, const void *right)
{
    const struct left *a = left, *b = right;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    if (a->dead != b->dead)
        return a->dead ? 1 : -1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->object > b->object) - (a->object < b->object);
}

static int left_find(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    uint32_t room = 0;
    w->unit_of_object = malloc(((size_t)s->object_count + 1) * sizeof *w->unit_of_object);
    if (!w->unit_of_object)
        return -1;
    for (uint32_t o = 0; o < s->object_count; o++)
        room += (w->unit_of_object[o] = unit_of(w, o)) != NO_ID;
    struct place *places = malloc(((size_t)room + 1) * sizeof *places);
    w->left = malloc(((size_t)room + 1) * sizeof *w->left);
    if (!places || !w->left) {
        free(places);
        return -1;
    }
    for (uint32_t o = 0; o < s->object_count; o++) {
        if (w->unit_of_object[o] == NO_ID)
            continue;
        places[w->left_count] = (struct place){site_table_of_row(w->sites, s->row[o]),
                                               w->order->name[w->order->rank[s->type[o]]]};
        w->left[w->left_count++] = (struct left){
            .unit = w->unit_of_object[o], .object = o, .dead = w->garbage->class[o] != CLASS_LIVE};
    }
    int status = lines_make(w->sites, places, w->left_count, &w->lines);
    for (uint32_t i = 0; !status && i < w->left_count; i++)
        w->left[i].line = w->lines.of[i];
    free(places);
    qsort(w->left, w->left_count, sizeof *w->left, left_compare);
    return status;
}

static int groups_make(struct work *w)
{
    w->groups = malloc(((size_t)w->left_count + 1) * sizeof *w->groups);
    w->runs_with = calloc((size_t)w->left_count + 1, sizeof *w->runs_with);
    w->tests_with = calloc((size_t)w->lines.count + 1, sizeof *w->tests_with);
    if (!w->groups || !w->runs_with || !w->tests_with)
        return -1;
    for (uint32_t i = 0; i < w->left_count; i++) {
        const struct left *left = &w->left[i];
        struct group *last = w->group_count ? &w->groups[w->group_count - 1] : NULL;
        if (last && last->unit == left->unit && last->line == left->line &&
            last->dead == left->dead) {
            last->count++;
            continue;
        }
        w->groups[w->group_count++] = (struct group){left->unit, left->line, i, 1, left->dead};
        uint32_t key[2] = {left->line, w->units->items[left->unit].function_number}, number;
        if (!key_table_add(&w->pairs, key, &number))
            return -1;
        w->runs_with[number] += !left->dead;
        w->tests_with[left->line] += !left->dead;
    }
    return 0;
}

/* What to think of the objects of one line that a test left alive. */
static enum unit_verdict group_judge(const struct work *w, const struct group *group)
{
    const struct unit *unit = &w->units->items[group->unit];
    uint32_t key[2] = {group->line, unit->function_number}, number = 0;
    if (group->dead)
        return UNIT_CYCLES;
    uint32_t object = w->left[group->first].object;
    /* Weak references are in tables of the runtime: they say no more than what they refer to. */
    bool weak = !strncmp(w->snapshot->types[w->snapshot->type[object]].name, "weakref.", 8);
    if (weak || unit_holder_is_standard(&w->holders, object))
        return UNIT_WARM_UP;
    bool known = key_table_find(&w->pairs, key, &number);
    uint32_t runs_with = known ? w->runs_with[number] : 0;
    if (runs_with > 1)
        return UNIT_LEAKS;
    /* The first run kept something, and the later ones, which found it, did not. */
    if (unit->runs > 1 && unit->run == 1)
        return UNIT_WARM_UP;
    if (unit_holder_is_cache(&w->holders, object))
        return UNIT_WARM_UP;
    if (w->tests_with[group->line] >= TESTS_LEAST)
        return UNIT_LEAKS;
    uint32_t site = w->process->rows[w->snapshot->row[object]].site;
    const struct site *call = &w->process->sites[w->parts.call[site]];
    const char *file = w->process->functions[call->function].file;
    return unit_holder_is_module(&w->holders, object, file) ? UNIT_LEAKS : UNIT_KEPT;
}

static int remains_compare(const void *left, const void *right)
{
    const struct unit_remains *a = left, *b = right;
    if (a->verdict != b->verdict)
        return a->verdict < b->verdict ? 1 : -1;
    if (a->user != b->user)
        return a->user ? -1 : 1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    return (a->site > b->site) - (a->site < b->site);
}

/* Enters a group into the list of its test, in place of the least telling one if that is full. */
static void remains_enter(struct unit *unit, const struct unit_remains *remains)
{
    if (unit->remain_count < UNIT_REMAINS)
        unit->remain_count++;
    else if (remains_compare(remains, &unit->remains[UNIT_REMAINS - 1]) >= 0)
        return;
    unit->remains[unit->remain_count - 1] = *remains;
    qsort(unit->remains, unit->remain_count, sizeof *unit->remains, remains_compare);
}

static int groups_tell(struct work *w)
{
    const struct snapshot *s = w->snapshot;
    for (uint32_t g = 0; g < w->group_count; g++) {
        const struct group *group = &w->groups[g];
        struct unit *unit = &w->units->items[group->unit];
        uint32_t first = w->left[group->first].object;
        struct unit_remains remains = {
            .holder = "",
            .verdict = group_judge(w, group),
            .user = s->types[s->type[first]].flags & OURO_TYPE_USER,
            .type = w->order->name[w->order->rank[s->type[first]]],
            .site = site_table_of_row(w->sites, s->row[first]),
            .objects = group->count,
        };
        if (!group->dead && remains.verdict != UNIT_WARM_UP) {
            if (unit_holder_name(&w->holders, first, w->units->arena, &remains.holder) < 0)
                return -1;
            /* What a warning was given for, so that it is given once. */
            if (strstr(remains.holder, ".__warningregistry__"))
                remains.verdict = UNIT_WARM_UP;
        }
        for (uint32_t i = 0; i < group->count; i++)
            remains.bytes += object_size(s, w->left[group->first + i].object);
        if (group->dead) {
            unit->cycle_objects += remains.objects;
            unit->cycle_bytes += remains.bytes;
        } else {
            unit->alive += remains.objects;
            unit->alive_bytes += remains.bytes;
        }
        if (remains.verdict == UNIT_LEAKS) {
            unit->leaked += remains.objects;
            unit->leaked_bytes += remains.bytes;
        }
        if (!unit->remains &&
            !(unit->remains = arena_alloc(w->units->arena, UNIT_REMAINS, sizeof *unit->remains)))
            return -1;
        if (remains.verdict > unit->verdict)
            unit->verdict = remains.verdict;
        remains_enter(unit, &remains);
    }
    return 0;
}

static int remains_find(struct work *w)
{
    if (left_find(w) < 0 || groups_make(w) < 0)
        return -1;
    if (!w->left_count)
        return 0;
    return unit_holders_find(w->process, w->snapshot, w->garbage, &w->holders) < 0 ||
                   unit_cycles_count(w->snapshot, w->garbage, w->unit_of_object, w->units) < 0
               ? -1
               : groups_tell(w);
}

static int windows_find(struct work *w)
{
    const struct process *p = w->process;
    if (unit_sites_find(p, &w->parts) < 0 || unit_windows_of_marks(p, w->units) < 0)
        return -1;
    if (w->units->marks)
        return 0;
    w->unit_of_site = malloc(((size_t)p->site_count + 1) * sizeof *w->unit_of_site);
    return w->unit_of_site ? unit_windows_of_sites(p, &w->parts, w->unit_of_site, w->units) : -1;
}

int units_find(const struct process *process, const struct snapshot *snapshot,
               const struct type_order *order, const struct site_table *sites,
               const struct garbage *garbage, struct units *units)
{
    struct work w = {.process = process,
                     .snapshot = snapshot,
                     .order = order,
                     .sites = sites,
                     .garbage = garbage,
                     .units = units};
    int status = -1;
    *units = (struct units){.arena = arena_new()};
    key_table_init(&w.pairs, 2 * sizeof(uint32_t));
    if (!units->arena || windows_find(&w) < 0)
        goto out;
    if (units->count && ((snapshot && remains_find(&w) < 0) ||
                         unit_cycles_collected(process, &w.parts, w.unit_of_site, units) < 0))
        goto out;
    for (uint32_t u = 0; u < units->count; u++) {
        struct unit *unit = &units->items[u];
        if (unit->collected && unit->verdict < UNIT_CYCLES)
            unit->verdict = UNIT_CYCLES;
        units->of_verdict[unit->verdict]++;
    }
    status = 0;
out:
    unit_sites_free(&w.parts);
    unit_holders_free(&w.holders);
    lines_free(&w.lines);
    key_table_free(&w.pairs);
    free(w.unit_of_site);
    free(w.unit_of_object);
    free(w.left);
    free(w.groups);
    free(w.runs_with);
    free(w.tests_with);
    return status;
}

void units_free(struct units *units)
{
    arena_free(units->arena);
    *units = (struct units){0};
}
