/* SPDX-License-Identifier: MIT */
#include "cycles/cycles.h"

#include <stdlib.h>
#include <string.h>

#include "cycles/cycle_core.h"
#include "cycles/cycle_judge.h"
#include "cycles/cycle_roots.h"
#include "cycles/path.h"
#include "graph/edge_label.h"
#include "graph/owner_map.h"
#include "model/clock.h"

/* Steps of a path that are kept, the longest period looked for, places kept per group. */
#define STEPS_SHOWN 40
#define FOLD_FROM 8
#define PERIOD_MAX 8
#define PLACES_SHOWN 10

/* Garbage below this does no harm while it waits for a collector that is on. */
#define PENDING_BYTES (1u << 20)

/* A group while it is put together. The path is that of the cycle `shown`. */
struct draft {
    struct judgement judgement;
    uint64_t signature, count, objects, bytes, native;
    struct cycle_path path; /* owned */
    uint32_t shown;
    uint32_t example[CYCLE_EXAMPLES], example_count;
};

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct site_table *sites;
    const struct garbage *garbage;
    struct cycle_roots roots;
    struct cycle_core core;
    const uint8_t *wanted; /* the objects looked at: the dead, or those held by leaked references */
    struct judge judge;
    uint32_t *group_of;    /* root cycle → draft */
    uint32_t *owner;       /* component → draft, or one of OWNER_* */
    struct key_table keys; /* of drafts: signature, verdict */
    struct draft *drafts;
    uint32_t draft_room;
    struct tally places, members, holds;
};

/* Whether a cycle is a better one to show for its group: shorter path, then fewer objects, … */
static bool shows_better(const struct work *w, const struct draft *draft,
                         const struct cycle_path *path, uint32_t cycle)
{
    const struct cycle_core *core = &w->core;
    int order = path_compare(path, &draft->path);
    if (order)
        return order < 0;
    uint32_t shown = draft->shown;
    uint32_t a = core->cycle_first[cycle + 1] - core->cycle_first[cycle];
    uint32_t b = core->cycle_first[shown + 1] - core->cycle_first[shown];
    if (a != b)
        return a < b;
    uint64_t c =
        core->csr.first[core->cycle_first[cycle + 1]] - core->csr.first[core->cycle_first[cycle]];
    uint64_t d =
        core->csr.first[core->cycle_first[shown + 1]] - core->csr.first[core->cycle_first[shown]];
    return c < d;
}

static bool path_copy(struct cycle_path *to, const struct cycle_path *from)
{
    size_t bytes = ((size_t)from->length + 1) * sizeof(uint32_t);
    uint32_t *node = realloc(to->node, bytes);
    if (node)
        to->node = node;
    uint32_t *step = realloc(to->step, bytes);
    if (step)
        to->step = step;
    if (!node || !step)
        return false;
    if (from->length) {
        memcpy(node, from->node, from->length * sizeof *node);
        memcpy(step, from->step, from->length * sizeof *step);
    }
    to->length = from->length;
    return true;
}

/* Keeps the oldest objects. */
static void example_add(const struct work *w, struct draft *draft, uint32_t object)
{
    const struct snapshot *s = w->snapshot;
    uint32_t at = draft->example_count;
    while (at && object_birth(s, draft->example[at - 1]) > object_birth(s, object))
        at--;
    if (at == CYCLE_EXAMPLES)
        return;
    draft->example_count += draft->example_count < CYCLE_EXAMPLES;
    for (uint32_t i = draft->example_count - 1; i > at; i--)
        draft->example[i] = draft->example[i - 1];
    draft->example[at] = object;
}

/* Puts one root cycle into its group. */
static bool cycle_file(struct work *w, uint32_t cycle, const struct cycle_path *path)
{
    uint64_t signature;
    struct judgement j;
    judge_cycle(&w->judge, cycle, &j);
    if (signature_of_path(&w->core, path, &signature) < 0)
        return false;
    uint32_t key[3] = {(uint32_t)signature, (uint32_t)(signature >> 32), j.verdict};
    uint32_t known = w->keys.count, number;
    if (!key_table_add(&w->keys, key, &number))
        return false;
    if (number >= w->draft_room) {
        uint32_t room = w->draft_room ? w->draft_room * 2 : 16;
        struct draft *drafts = realloc(w->drafts, room * sizeof *drafts);
        if (!drafts)
            return false;
        w->drafts = drafts;
        w->draft_room = room;
    }
    struct draft *draft = &w->drafts[number];
    if (number == known)
        *draft = (struct draft){.judgement = j, .signature = signature, .shown = cycle};
    else
        judgement_merge(&draft->judgement, &j);
    draft->count++;
    if (path->length)
        example_add(w, draft, w->core.object[path->node[0]]);
    w->group_of[cycle] = number;
    if (number != known && !shows_better(w, draft, path, cycle))
        return true;
    draft->shown = cycle;
    return path_copy(&draft->path, path);
}

static int groups_form(struct work *w)
{
    struct path_finder *finder = path_finder_new(w->snapshot, w->order, &w->core);
    int status = finder ? 0 : -1;
    w->group_of = malloc(((size_t)w->roots.count + 1) * sizeof *w->group_of);
    if (!w->group_of)
        status = -1;
    for (uint32_t cycle = 0; !status && cycle < w->roots.count; cycle++) {
        struct cycle_path path;
        if (path_find(finder, cycle, &path) < 0 || !cycle_file(w, cycle, &path))
            status = -1;
    }
    path_finder_free(finder);
    return status;
}

/* Whether a component is a root cycle. They are listed in descending order. */
static bool is_root(const struct cycle_roots *roots, uint32_t component)
{
    uint32_t low = 0, high = roots->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (roots->component[middle] > component)
            low = middle + 1;
        else
            high = middle;
    }
    return low < roots->count && roots->component[low] == component;
}

/* Gives every dead object to its group, or to those shared, or to nothing. */
static int dead_count(struct work *w, struct cycles *cycles)
{
    const struct cycle_roots *roots = &w->roots;
    w->owner = malloc(((size_t)roots->scc.count + 1) * sizeof *w->owner);
    if (!w->owner)
        return -1;
    cycle_roots_assign(roots, w->group_of, w->owner);
    for (uint32_t v = 0; v < roots->graph.csr.nodes; v++) {
        uint32_t o = roots->graph.object[v], component = roots->scc.component[v];
        uint32_t group = w->owner[component], flags = w->snapshot->flags[o];
        uint32_t type = w->order->rank[w->snapshot->type[o]];
        bool member = is_root(roots, component);
        uint64_t bytes = flags & OURO_OBJECT_STATIC ? 0 : object_size(w->snapshot, o);
        bool counts =
            w->garbage->class[o] == CLASS_GARBAGE ||
            (w->garbage->class[o] != CLASS_HANGING && (member || (flags & OURO_OBJECT_TRACKED)));
        cycles->objects += counts;
        cycles->bytes += bytes;
        uint64_t native = object_is_native(w->snapshot, o) ? bytes : 0;
        cycles->native += native;
        if (group == OWNER_SHARED) {
            cycles->shared_objects += counts;
            cycles->shared_bytes += bytes;
        } else if (group == OWNER_NONE) {
            cycles->loose_objects += counts;
            cycles->loose_bytes += bytes;
        } else {
            w->drafts[group].objects += counts;
            w->drafts[group].bytes += bytes;
            w->drafts[group].native += native;
            if (!tally_add(member ? &w->members : &w->holds, group, type, 1, bytes))
                return -1;
        }
    }
    return tally_sort(&w->holds, NULL, NULL) && tally_sort(&w->members, NULL, NULL) ? 0 : -1;
}

/* The type whose instances' allocations are shown for a group, or NO_ID for those of all members. */
static uint32_t place_type(const struct work *w, const struct draft *draft)
{
    if (!draft->path.length)
        return NO_ID;
    uint32_t type = w->core.steps[draft->path.step[0]].source;
    return path_type_is_plumbing(w->order->name[type]) ? NO_ID : type;
}

static int places_count(struct work *w)
{
    for (uint32_t cycle = 0; cycle < w->core.cycles; cycle++) {
        uint32_t group = w->group_of[cycle], type = place_type(w, &w->drafts[group]);
        for (uint32_t n = w->core.cycle_first[cycle]; n < w->core.cycle_first[cycle + 1]; n++) {
            uint32_t o = w->core.object[n];
            if (type != NO_ID && w->order->rank[w->snapshot->type[o]] != type)
                continue;
            if (!site_table_has(w->sites, w->snapshot->row[o]))
                continue;
            uint32_t site = site_table_of_row(w->sites, w->snapshot->row[o]);
            if (!tally_add(&w->places, group, site, 1, w->core.bytes[n]))
                return -1;
        }
    }
    return tally_sort(&w->places, site_compare, w->process) ? 0 : -1;
}

/* The shortest period of a path, or its length. */
static uint32_t path_period(const struct cycle_path *path)
{
    for (uint32_t period = 1; period <= PERIOD_MAX && period < path->length; period++) {
        uint32_t i = period;
        while (i < path->length && path->step[i] == path->step[i - period])
            i++;
        if (i == path->length && path->length % period == 0)
            return period;
    }
    return path->length;
}

static int path_show(const struct work *w, struct cuts_finder *finder, const struct draft *draft,
                     struct cycle_group *group, struct arena *arena)
{
    const struct cycle_path *path = &draft->path;
    group->path_length = group->path_count = path->length;
    if (path->length > FOLD_FROM) {
        group->path_count = path_period(path);
        group->path_periodic = group->path_count < path->length;
        if (group->path_count > STEPS_SHOWN)
            group->path_count = STEPS_SHOWN;
    }
    group->path = arena_alloc(arena, group->path_count, sizeof *group->path);
    if (!group->path)
        return -1;
    for (uint32_t i = 0; i < group->path_count; i++) {
        const struct step *step = &w->core.steps[path->step[i]];
        group->path[i].type = w->order->name[step->source];
        group->path[i].edge = edge_label_text(arena, step->kind, step->name);
        if (!group->path[i].edge)
            return -1;
    }
    if (!path->length)
        return 0;
    const char *file = "", *function = "";
    uint32_t line;
    if (group->site_count)
        site_place(w->process, group->sites[0].site, &file, &line, &function);
    const struct pattern_subject subject = {
        .steps = group->path,
        .count = group->path_count,
        .ring = group->path_periodic || group->path_count == group->path_length,
        .cause = draft->judgement.cause,
        .file = file,
        .function = function,
    };
    return cycle_break_choose(finder, w->order, &w->core, draft->shown, path, &subject, arena,
                              &group->fix);
}

/* Objects of a group by type. */
static int totals_list(const struct work *w, const struct tally *tally, uint32_t number,
                       struct arena *arena, struct type_total **totals, uint32_t *count)
{
    const struct tally_entry *entry = tally_group(tally, number, count);
    *totals = arena_alloc(arena, *count, sizeof **totals);
    for (uint32_t i = 0; *totals && i < *count; i++)
        (*totals)[i] =
            (struct type_total){w->order->name[entry[i].item], entry[i].objects, entry[i].bytes};
    return *totals ? 0 : -1;
}

static const char *reason_make(const struct work *w, const struct judgement *j, struct arena *arena)
{
    const char *type = w->order->name[j->cause_type];
    switch (j->verdict) {
    case VERDICT_EXTERNALLY_HELD:
        return verdict_reason_held(j->held, j->held_references, type, arena);
    case VERDICT_UNCOLLECTABLE:
        return verdict_reason_uncollectable(j->cause, type, arena);
    default:
        return verdict_reason_garbage(&w->snapshot->gc, &j->facts, arena);
    }
}

static int group_finish(const struct work *w, struct cuts_finder *finder, uint32_t number,
                        struct cycle_group *group, struct arena *arena)
{
    const struct draft *draft = &w->drafts[number];
    const struct judgement *j = &draft->judgement;
    uint32_t type = place_type(w, draft);
    signature_text(draft->signature, group->signature);
    group->verdict = j->verdict;
    group->reason = reason_make(w, j, arena);
    group->pending = j->verdict == VERDICT_GARBAGE && draft->bytes < PENDING_BYTES &&
                     verdict_is_pending(&w->snapshot->gc, &j->facts);
    group->example_count = draft->example_count;
    memcpy(group->example, draft->example, sizeof group->example);
    group->count = draft->count;
    group->objects = draft->objects;
    group->bytes = draft->bytes;
    group->native = draft->native;
    group->site_type = type == NO_ID ? "" : w->order->name[type];
    if (!group->reason ||
        !site_shares(&w->places, number, PLACES_SHOWN, arena, &group->sites, &group->site_count) ||
        path_show(w, finder, draft, group, arena) < 0)
        return -1;
    if (j->oldest != UINT64_MAX) {
        uint64_t born = clock_time(w->process, w->snapshot, j->oldest);
        group->age_known = true;
        group->age = w->snapshot->time > born ? (double)(w->snapshot->time - born) / 1e9 : 0;
    }
    return totals_list(w, &w->members, number, arena, &group->members, &group->member_count) < 0 ||
                   totals_list(w, &w->holds, number, arena, &group->holds, &group->hold_count) < 0
               ? -1
               : 0;
}

static int group_compare(const void *left, const void *right)
{
    const struct cycle_group *a = left, *b = right;
    if (a->pending != b->pending)
        return a->pending ? 1 : -1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    int order = strcmp(a->signature, b->signature);
    return order ? order : (a->verdict > b->verdict) - (a->verdict < b->verdict);
}

/* The drafts as groups, after those that are there. */
static int groups_append(const struct work *w, struct cycles *cycles)
{
    uint32_t before = cycles->group_count, count = w->keys.count;
    struct cycle_group *groups = arena_alloc(cycles->arena, before + count, sizeof *groups);
    struct cuts_finder *finder = cuts_finder_new(&w->core);
    int status = groups && finder ? 0 : -1;
    if (!status && before)
        memcpy(groups, cycles->groups, before * sizeof *groups);
    for (uint32_t g = 0; !status && g < count; g++)
        status = group_finish(w, finder, g, &groups[before + g], cycles->arena);
    cuts_finder_free(finder);
    cycles->groups = groups;
    cycles->group_count = status ? 0 : before + count;
    return status;
}

/* Which objects the groups that are not pending own. The groups are in the order of the drafts. */
static int leaked_mark(const struct work *w, struct cycles *cycles)
{
    bool some = false;
    for (uint32_t g = 0; g < cycles->group_count; g++)
        some |= !cycles->groups[g].pending;
    if (!some)
        return 0;
    cycles->leaked = arena_alloc(cycles->arena, w->snapshot->object_count, 1);
    if (!cycles->leaked)
        return -1;
    for (uint32_t v = 0; v < w->roots.graph.csr.nodes; v++) {
        uint32_t group = w->owner[w->roots.scc.component[v]];
        cycles->leaked[w->roots.graph.object[v]] =
            group == OWNER_SHARED || (group != OWNER_NONE && !cycles->groups[group].pending);
    }
    return 0;
}

/* Finds the root cycles among the objects wanted and adds their groups; totals are of the dead. */
static int groups_find(struct work *w, const uint32_t *unknown, struct cycles *totals,
                       struct cycles *cycles)
{
    int status = -1;
    uint32_t *owner = NULL;
    key_table_init(&w->keys, 3 * sizeof(uint32_t));
    tally_init(&w->places);
    tally_init(&w->members);
    tally_init(&w->holds);
    w->judge = (struct judge){w->snapshot, w->order, w->garbage, &w->roots, unknown, NULL};
    if (cycle_roots_find(w->snapshot, w->wanted, &w->roots) < 0 || judge_begin(&w->judge) < 0)
        goto out;
    owner = owner_map_build(w->snapshot);
    if (!owner || cycle_core_build(w->snapshot, w->order, owner, &w->roots.graph, &w->roots.scc,
                                   w->roots.component, w->roots.count, &w->core) < 0)
        goto out;
    free(owner);
    owner = NULL;
    if (groups_form(w) < 0 || dead_count(w, totals) < 0 || places_count(w) < 0)
        goto out;
    totals->count = w->roots.count;
    status = groups_append(w, cycles);
    if (!status && totals == cycles)
        status = leaked_mark(w, cycles);
out:
    for (uint32_t g = 0; g < w->keys.count && g < w->draft_room; g++) {
        free(w->drafts[g].path.node);
        free(w->drafts[g].path.step);
    }
    free(owner);
    free(w->group_of);
    free(w->owner);
    free(w->drafts);
    judge_end(&w->judge);
    key_table_free(&w->keys);
    tally_free(&w->places);
    tally_free(&w->members);
    tally_free(&w->holds);
    cycle_core_free(&w->core);
    cycle_roots_free(&w->roots);
    return status;
}

int cycles_find(const struct process *process, const struct snapshot *snapshot,
                const struct type_order *order, const struct site_table *sites,
                const struct garbage *garbage, struct cycles *cycles)
{
    *cycles = (struct cycles){.arena = arena_new()};
    struct work dead = {process, snapshot, order, sites, garbage, .wanted = garbage->class};
    struct work held = dead;
    struct cycles discarded = {0};
    if (!cycles->arena ||
        held_find(process, snapshot, order, sites, garbage, cycles->arena, &cycles->held) < 0 ||
        groups_find(&dead, NULL, cycles, cycles) < 0)
        return -1;
    cycles->kinds = cycles->group_count;
    held.wanted = cycles->held.kept;
    if (cycles->held.objects && groups_find(&held, cycles->held.references, &discarded, cycles) < 0)
        return -1;
    cycles->collectable = garbage->objects[CLASS_GARBAGE];
    for (uint32_t g = 0; g < cycles->group_count; g++) {
        cycles->pending_groups += cycles->groups[g].pending;
        cycles->pending_count += cycles->groups[g].pending ? cycles->groups[g].count : 0;
        cycles->pending_bytes += cycles->groups[g].pending ? cycles->groups[g].bytes : 0;
    }
    qsort(cycles->groups, cycles->group_count, sizeof *cycles->groups, group_compare);
    return 0;
}

void cycles_free(struct cycles *cycles)
{
    held_free(&cycles->held);
    arena_free(cycles->arena);
    *cycles = (struct cycles){0};
}
