/* SPDX-License-Identifier: MIT */
#include "analysis/shapes.h"

#include <stdlib.h>
#include <string.h>

#define PLACES_SHOWN 10u

/* What is summed up of a kind of cycle over all looks. */
struct sum {
    uint64_t members, kin; /* of the type whose places are shown; all of that type, also below */
    uint32_t last_look;
};

struct work {
    const struct process *process;
    const struct site_table *sites;
    const struct churn *churn;
    struct shapes *shapes;
    struct key_table keys; /* of shapes: signature */
    struct sum *sums;
    uint32_t room;
    struct tally places; /* shape, site: members */
    struct key_table
        spots;       /* site, type: where the deaths of several kinds have to be shared out */
    double *weights; /* by spot: members of all kinds, those below included */
    uint32_t spot_room;
};

static uint64_t of_type(const struct type_total *totals, uint32_t count, const char *type)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += *type && strcmp(totals[i].type, type) != 0 ? 0 : totals[i].count;
    return sum;
}

/* The shape of a group, made on first sight. */
static bool shape_of(struct work *w, const struct cycle_group *group, uint32_t *number)
{
    char key[SIGNATURE_TEXT_SIZE] = {0};
    uint32_t known = w->keys.count;
    memcpy(key, group->signature, strnlen(group->signature, sizeof key));
    if (!key_table_add(&w->keys, key, number))
        return false;
    if (*number < known)
        return true;
    if (*number >= w->room) {
        uint32_t room = w->room ? w->room * 2 : 16;
        struct sum *sums = realloc(w->sums, room * sizeof *sums);
        if (!sums)
            return false;
        w->sums = sums;
        struct shape *items = arena_resize(w->shapes->arena, w->shapes->items, room, sizeof *items);
        if (!items)
            return false;
        w->shapes->items = items;
        w->room = room;
    }
    w->sums[*number] = (struct sum){.last_look = NO_ID};
    w->shapes->items[*number] = (struct shape){.group = *group};
    w->shapes->items[*number].group.count = 0;
    w->shapes->count = *number + 1;
    return true;
}

static bool add_group(struct work *w, const struct cycle_group *group, uint32_t look)
{
    uint32_t number;
    if (!shape_of(w, group, &number))
        return false;
    struct shape *shape = &w->shapes->items[number];
    struct sum *sum = &w->sums[number];
    shape->group.count += group->count;
    shape->looks += sum->last_look != look;
    sum->last_look = look;
    uint64_t members = of_type(group->members, group->member_count, group->site_type);
    sum->members += members;
    sum->kin += members + of_type(group->holds, group->hold_count, group->site_type);
    for (uint32_t i = 0; i < group->site_count; i++) {
        if (!tally_add(&w->places, number, group->sites[i].site, group->sites[i].objects,
                       group->sites[i].bytes))
            return false;
    }
    return true;
}

/* Keeps what the shapes refer to of a look that showed a new one. */
static bool keep(struct shapes *shapes, struct cycles *cycles, bool wanted)
{
    if (!wanted) {
        cycles_free(cycles);
        return true;
    }
    struct cycles *parts = realloc(shapes->parts, (shapes->part_count + 1) * sizeof *parts);
    if (!parts) {
        cycles_free(cycles);
        return false;
    }
    shapes->parts = parts;
    parts[shapes->part_count++] = *cycles;
    return true;
}

static bool add_look(struct work *w, const struct snapshot *snapshot, uint32_t look)
{
    struct type_order order = {0};
    struct garbage garbage = {0};
    struct cycles cycles = {0};
    uint32_t known = w->keys.count;
    bool ok = type_order_build(snapshot, &order) == 0 && garbage_find(snapshot, &garbage) == 0 &&
              cycles_find(w->process, snapshot, &order, w->sites, &garbage, &cycles) == 0;
    for (uint32_t g = 0; ok && g < cycles.group_count; g++) {
        if (cycles.groups[g].verdict != VERDICT_EXTERNALLY_HELD)
            ok = add_group(w, &cycles.groups[g], look);
    }
    w->shapes->empty += ok && !cycles.count;
    ok = keep(w->shapes, &cycles, w->keys.count > known) && ok;
    garbage_free(&garbage);
    type_order_free(&order);
    return ok;
}

/* A spot: the type is that of the shape's places; "" stands for all types there. */
static bool spot_of(struct work *w, uint32_t site, const char *type, uint32_t *number)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *at = type; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    uint32_t key[3] = {site, (uint32_t)hash, (uint32_t)(hash >> 32)}, known = w->spots.count;
    if (!key_table_add(&w->spots, key, number))
        return false;
    if (*number >= w->spot_room) {
        uint32_t room = w->spot_room ? w->spot_room * 2 : 64;
        double *weights = realloc(w->weights, room * sizeof *weights);
        if (!weights)
            return false;
        w->weights = weights;
        w->spot_room = room;
    }
    if (*number == known)
        w->weights[*number] = 0;
    return true;
}

/* Objects of a type that died by the collector, of those made at a site. */
static double deaths_at(const struct churn *churn, uint32_t site, const char *type)
{
    double deaths = 0;
    for (uint32_t i = 0; i < churn->site_count; i++) {
        const struct churn_site *s = &churn->sites[i];
        if (s->site == site && (!*type || (s->type && strcmp(s->type, type) == 0)))
            deaths += (double)s->deaths[1];
    }
    return deaths;
}

/* How many of the type there are to each member of a cycle. */
static double kin_factor(const struct sum *sum)
{
    return sum->members ? (double)sum->kin / (double)sum->members : 1;
}

static bool weigh(struct work *w)
{
    for (uint32_t number = 0; number < w->shapes->count; number++) {
        uint32_t count, spot;
        const struct tally_entry *entry = tally_group(&w->places, number, &count);
        for (uint32_t i = 0; i < count; i++) {
            if (!spot_of(w, entry[i].item, w->shapes->items[number].group.site_type, &spot))
                return false;
            w->weights[spot] += (double)entry[i].objects * kin_factor(&w->sums[number]);
        }
    }
    return true;
}

/*
 * The objects that the collector freed at the shape's places, its part where others share a place, and
 * from these its cycles. Where the ledger has no such deaths the looks alone must do: as many cycles
 * in each collection as in those looked at.
 */
static bool estimate(struct work *w, uint32_t number, uint64_t run_time)
{
    struct shape *shape = &w->shapes->items[number];
    const struct sum *sum = &w->sums[number];
    uint32_t count, spot;
    double objects = 0;
    const struct tally_entry *entry = tally_group(&w->places, number, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!spot_of(w, entry[i].item, shape->group.site_type, &spot))
            return false;
        if (w->weights[spot] > 0)
            objects += deaths_at(w->churn, entry[i].item, shape->group.site_type) *
                       (double)entry[i].objects * kin_factor(sum) / w->weights[spot];
    }
    shape->by_deaths = objects > 0 && sum->kin;
    if (shape->by_deaths)
        shape->cycles = objects * (double)shape->group.count / (double)sum->kin;
    else
        shape->cycles = (double)shape->group.count * (double)w->shapes->runs / w->shapes->looks;
    /* More were seen than that: sampled, or free lists hide deaths. */
    if (shape->cycles < (double)shape->group.count)
        shape->cycles = (double)shape->group.count;
    shape->per_hour = run_time ? shape->cycles * 3.6e12 / (double)run_time : 0;
    return site_shares(&w->places, number, PLACES_SHOWN, w->shapes->arena, &shape->group.sites,
                       &shape->group.site_count);
}

static int shape_compare(const void *left, const void *right)
{
    const struct shape *a = left, *b = right;
    if (a->cycles != b->cycles)
        return a->cycles < b->cycles ? 1 : -1;
    return strcmp(a->group.signature, b->group.signature);
}

static bool is_sound(const struct snapshot *s)
{
    return s->whole && s->status == OURO_SNAPSHOT_COMPLETE;
}

/* The share of the run's time, as the recorder accounted for it or, if it did not end, at least. */
static double share_used(const struct process *process, uint64_t run_time)
{
    uint64_t spent = process->shapes_spent;
    for (uint32_t i = 0; !spent && i < process->shape_count; i++)
        spent += 2 * process->shapes[i].pause + process->shapes[i].cpu;
    return run_time ? (double)spent / (double)run_time : 0;
}

static int sum_up(struct work *w, const struct snapshot_set *set, uint64_t run_time)
{
    struct shapes *shapes = w->shapes;
    for (uint32_t i = 0; i < set->count; i++) {
        if (!is_sound(&set->snapshots[i]))
            continue;
        if (!add_look(w, &set->snapshots[i], shapes->looks))
            return -1;
        shapes->examined += set->snapshots[i].examined;
        shapes->looks++;
    }
    if (!tally_sort(&w->places, site_compare, w->process) || !weigh(w))
        return -1;
    for (uint32_t number = 0; number < shapes->count; number++) {
        if (!estimate(w, number, run_time))
            return -1;
    }
    if (shapes->count)
        qsort(shapes->items, shapes->count, sizeof *shapes->items, shape_compare);
    return 0;
}

int shapes_find(const struct process *process, const struct site_table *sites,
                const struct churn *churn, uint64_t run_time, uint64_t runs, struct shapes *shapes)
{
    struct work w = {.process = process, .sites = sites, .churn = churn, .shapes = shapes};
    char error[256];
    int status = -1;
    *shapes = (struct shapes){
        .wanted = process->shapes_limit != 0,
        .runs = runs,
        .limit = (double)process->shapes_limit / 1e6,
        .share = share_used(process, run_time),
        .arena = arena_new(),
    };
    key_table_init(&w.keys, SIGNATURE_TEXT_SIZE);
    key_table_init(&w.spots, 3 * sizeof(uint32_t));
    tally_init(&w.places);
    uint32_t *numbers = malloc(((size_t)process->shape_count + 1) * sizeof *numbers);
    if (!numbers || !shapes->arena)
        goto out;
    for (uint32_t i = 0; i < process->shape_count; i++)
        numbers[i] = process->shapes[i].number;
    /* A trace that has gone since the run was opened has no looks. */
    if (process->shape_count)
        snapshot_set_load(process, numbers, process->shape_count, &shapes->set, error,
                          sizeof error);
    status = sum_up(&w, &shapes->set, run_time);
out:
    free(numbers);
    free(w.sums);
    free(w.weights);
    key_table_free(&w.keys);
    key_table_free(&w.spots);
    tally_free(&w.places);
    return status;
}

void shapes_free(struct shapes *shapes)
{
    for (uint32_t i = 0; i < shapes->part_count; i++)
        cycles_free(&shapes->parts[i]);
    free(shapes->parts);
    snapshot_set_free(&shapes->set);
    arena_free(shapes->arena);
    *shapes = (struct shapes){0};
}
