/* SPDX-License-Identifier: MIT */
#include "cycles/cycles.h"

#include <stdlib.h>
#include <string.h>

#include "cycles/cycle_core.h"
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

/* Why a root cycle is what it is. */
struct judgement {
    enum verdict verdict;
    enum cause cause;
    uint32_t cause_type; /* number of struct type_order */
    struct garbage_facts facts;
    uint64_t oldest; /* birth of its oldest member */
};

/* A group while it is put together. The path is that of the cycle `shown`. */
struct draft {
    struct judgement judgement;
    uint64_t signature, count, objects, bytes;
    struct cycle_path path; /* owned */
    uint32_t shown;
};

struct work {
    const struct process *process;
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct site_table *sites;
    const struct garbage *garbage;
    struct cycle_roots roots;
    struct cycle_core core;
    uint8_t *stuck;        /* component → a cycle in it consists of types without tp_clear */
    uint32_t *group_of;    /* root cycle → draft */
    uint32_t *owner;       /* component → draft, or one of OWNER_* */
    struct key_table keys; /* of drafts: signature, verdict */
    struct draft *drafts;
    uint32_t draft_room;
    struct tally places, holds;
};

/*
 * Finds the components in which a cycle would survive every tp_clear. A type with a finalizer is given
 * the benefit of the doubt: generators have no tp_clear but are closed by theirs.
 */
static int stuck_find(struct work *w)
{
    const struct subgraph *dead = &w->roots.graph;
    struct subgraph graph = {0};
    struct scc scc = {0};
    int status = -1;
    uint8_t *wanted = calloc((size_t)w->snapshot->object_count + 1, 1);
    w->stuck = calloc((size_t)w->roots.scc.count + 1, 1);
    if (!wanted || !w->stuck)
        goto out;
    for (uint32_t v = 0; v < dead->csr.nodes; v++) {
        uint32_t o = dead->object[v];
        uint32_t flags = w->order->flags[w->order->rank[w->snapshot->type[o]]];
        wanted[o] = w->garbage->class[o] == CLASS_GARBAGE &&
                    !(flags & (OURO_TYPE_CLEAR | OURO_TYPE_FINALIZER));
    }
    if (subgraph_build(w->snapshot, wanted, VIEW_STRONG, &graph) < 0 ||
        scc_find(&graph.csr, &scc) < 0)
        goto out;
    /* Both graphs ascend by object, so one walk maps the nodes of the smaller to the larger. */
    for (uint32_t v = 0, at = 0; v < graph.csr.nodes; v++) {
        while (dead->object[at] != graph.object[v])
            at++;
        for (uint64_t e = graph.csr.first[v]; e < graph.csr.first[v + 1]; e++) {
            if (scc.component[graph.csr.target[e]] == scc.component[v])
                w->stuck[w->roots.scc.component[at]] = 1;
        }
    }
    status = 0;
out:
    free(wanted);
    subgraph_free(&graph);
    scc_free(&scc);
    return status;
}

/* What a member says against its cycle being plain garbage. */
static enum cause member_cause(const struct work *w, uint32_t v)
{
    uint32_t o = w->roots.graph.object[v];
    uint32_t flags = w->order->flags[w->order->rank[w->snapshot->type[o]]];
    const struct csr *csr = &w->roots.graph.csr;
    switch ((enum object_class)w->garbage->class[o]) {
    case CLASS_UNCOLLECTABLE:
        if (!(flags & OURO_TYPE_TRAVERSE))
            return CAUSE_NO_TRAVERSE;
        if (!(w->snapshot->flags[o] & OURO_OBJECT_TRACKED))
            return CAUSE_UNTRACKED;
        for (uint64_t e = csr->first[v]; e < csr->first[v + 1]; e++) {
            if ((w->roots.graph.label[e] & OURO_LABEL_HIDDEN) &&
                w->roots.scc.component[csr->target[e]] == w->roots.scc.component[v])
                return CAUSE_HIDDEN;
        }
        return CAUSE_NONE;
    case CLASS_GARBAGE:
        if (flags & OURO_TYPE_LEGACY_DEL)
            return CAUSE_LEGACY_DEL;
        return !(flags & OURO_TYPE_CLEAR) && w->stuck[w->roots.scc.component[v]] ? CAUSE_NO_CLEAR
                                                                                 : CAUSE_NONE;
    default:
        return CAUSE_NONE;
    }
}

static void judge(const struct work *w, uint32_t cycle, struct judgement *j)
{
    const struct scc *scc = &w->roots.scc;
    uint32_t component = w->roots.component[cycle];
    *j = (struct judgement){.verdict = VERDICT_GARBAGE, .oldest = UINT64_MAX};
    for (uint32_t i = scc->first[component]; i < scc->first[component + 1]; i++) {
        uint32_t v = scc->member[i], o = w->roots.graph.object[v];
        uint32_t flags = w->snapshot->flags[o], class = w->garbage->class[o];
        uint32_t generation = flags >> OURO_OBJECT_GENERATION_SHIFT & 3;
        uint32_t type = w->order->rank[w->snapshot->type[o]];
        enum cause cause = member_cause(w, v);
        j->facts.members++;
        j->facts.frozen += (flags & OURO_OBJECT_FROZEN) != 0;
        if (generation > j->facts.generation)
            j->facts.generation = generation;
        if (w->snapshot->birth[o] && w->snapshot->birth[o] < j->oldest)
            j->oldest = w->snapshot->birth[o];
        if (class == CLASS_SAVED) {
            j->facts.saved = w->snapshot->gc.debug & OURO_GC_SAVEALL;
            if (!j->facts.saved)
                cause = CAUSE_SAVED;
        }
        if (class == CLASS_UNCOLLECTABLE || cause != CAUSE_NONE)
            j->verdict = VERDICT_UNCOLLECTABLE;
        if (cause != CAUSE_NONE && (j->cause == CAUSE_NONE || cause < j->cause ||
                                    (cause == j->cause && type < j->cause_type))) {
            j->cause = cause;
            j->cause_type = type;
        }
    }
}

/* Adds what is known of a cycle to that of its group. */
static void judgement_merge(struct judgement *into, const struct judgement *j)
{
    into->facts.members += j->facts.members;
    into->facts.frozen += j->facts.frozen;
    into->facts.saved |= j->facts.saved;
    if (j->facts.generation > into->facts.generation)
        into->facts.generation = j->facts.generation;
    if (j->oldest < into->oldest)
        into->oldest = j->oldest;
    if (j->cause != CAUSE_NONE && (into->cause == CAUSE_NONE || j->cause < into->cause ||
                                   (j->cause == into->cause && j->cause_type < into->cause_type))) {
        into->cause = j->cause;
        into->cause_type = j->cause_type;
    }
}

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

/* Puts one root cycle into its group. */
static bool cycle_file(struct work *w, uint32_t cycle, const struct cycle_path *path)
{
    uint64_t signature;
    struct judgement j;
    judge(w, cycle, &j);
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
        bool member = is_root(roots, component);
        uint64_t bytes = flags & OURO_OBJECT_STATIC ? 0 : w->snapshot->size[o];
        bool counts =
            w->garbage->class[o] == CLASS_GARBAGE ||
            (w->garbage->class[o] != CLASS_HANGING && (member || (flags & OURO_OBJECT_TRACKED)));
        cycles->objects += counts;
        cycles->bytes += bytes;
        if (group == OWNER_SHARED) {
            cycles->shared_objects += counts;
            cycles->shared_bytes += bytes;
        } else if (group == OWNER_NONE) {
            cycles->loose_objects += counts;
            cycles->loose_bytes += bytes;
        } else {
            w->drafts[group].objects += counts;
            w->drafts[group].bytes += bytes;
            if (!member &&
                !tally_add(&w->holds, group, w->order->rank[w->snapshot->type[o]], 1, bytes))
                return -1;
        }
    }
    return tally_sort(&w->holds, NULL, NULL) ? 0 : -1;
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

static int path_show(const struct work *w, const struct draft *draft, struct cycle_group *group,
                     struct arena *arena)
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
    if (cycle_break_choose(w->order, &w->core, draft->shown, path, arena, &group->fix) < 0)
        return -1;
    if (group->path_periodic)
        group->fix.at %= group->path_count;
    return 0;
}

static int group_finish(const struct work *w, uint32_t number, struct cycle_group *group,
                        struct arena *arena)
{
    const struct draft *draft = &w->drafts[number];
    const struct judgement *j = &draft->judgement;
    uint32_t type = place_type(w, draft);
    signature_text(draft->signature, group->signature);
    group->verdict = j->verdict;
    group->reason =
        j->verdict == VERDICT_GARBAGE
            ? verdict_reason_garbage(&w->snapshot->gc, &j->facts, arena)
            : verdict_reason_uncollectable(j->cause, w->order->name[j->cause_type], arena);
    group->count = draft->count;
    group->objects = draft->objects;
    group->bytes = draft->bytes;
    group->site_type = type == NO_ID ? "" : w->order->name[type];
    if (!group->reason || path_show(w, draft, group, arena) < 0 ||
        !site_shares(&w->places, number, PLACES_SHOWN, arena, &group->sites, &group->site_count))
        return -1;
    if (j->oldest != UINT64_MAX) {
        uint64_t born = clock_time(w->process, w->snapshot, j->oldest);
        group->age_known = true;
        group->age = w->snapshot->time > born ? (double)(w->snapshot->time - born) / 1e9 : 0;
    }
    const struct tally_entry *hold = tally_group(&w->holds, number, &group->hold_count);
    group->holds = arena_alloc(arena, group->hold_count, sizeof *group->holds);
    if (!group->holds)
        return -1;
    for (uint32_t h = 0; h < group->hold_count; h++)
        group->holds[h] =
            (struct type_total){w->order->name[hold[h].item], hold[h].objects, hold[h].bytes};
    return 0;
}

static int group_compare(const void *left, const void *right)
{
    const struct cycle_group *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    int order = strcmp(a->signature, b->signature);
    return order ? order : (a->verdict > b->verdict) - (a->verdict < b->verdict);
}

int cycles_find(const struct process *process, const struct snapshot *snapshot,
                const struct type_order *order, const struct site_table *sites,
                const struct garbage *garbage, struct cycles *cycles)
{
    *cycles = (struct cycles){0};
    struct work w = {
        .process = process,
        .snapshot = snapshot,
        .order = order,
        .sites = sites,
        .garbage = garbage,
    };
    key_table_init(&w.keys, 3 * sizeof(uint32_t));
    tally_init(&w.places);
    tally_init(&w.holds);
    int status = -1;
    uint32_t *owner = NULL;
    cycles->arena = arena_new();
    if (!cycles->arena || cycle_roots_find(snapshot, garbage, &w.roots) < 0 || stuck_find(&w) < 0)
        goto out;
    owner = owner_map_build(snapshot);
    if (!owner || cycle_core_build(snapshot, order, owner, &w.roots.graph, &w.roots.scc,
                                   w.roots.component, w.roots.count, &w.core) < 0)
        goto out;
    free(owner);
    owner = NULL;
    if (groups_form(&w) < 0 || dead_count(&w, cycles) < 0 || places_count(&w) < 0)
        goto out;

    cycles->collectable = garbage->objects[CLASS_GARBAGE];
    cycles->count = w.roots.count;
    cycles->group_count = w.keys.count;
    cycles->groups = arena_alloc(cycles->arena, cycles->group_count, sizeof *cycles->groups);
    if (!cycles->groups)
        goto out;
    for (uint32_t g = 0; g < cycles->group_count; g++) {
        if (group_finish(&w, g, &cycles->groups[g], cycles->arena) < 0)
            goto out;
    }
    qsort(cycles->groups, cycles->group_count, sizeof *cycles->groups, group_compare);
    status = 0;
out:
    for (uint32_t g = 0; g < w.keys.count && g < w.draft_room; g++) {
        free(w.drafts[g].path.node);
        free(w.drafts[g].path.step);
    }
    free(owner);
    free(w.stuck);
    free(w.group_of);
    free(w.owner);
    free(w.drafts);
    key_table_free(&w.keys);
    tally_free(&w.places);
    tally_free(&w.holds);
    cycle_core_free(&w.core);
    cycle_roots_free(&w.roots);
    return status;
}

void cycles_free(struct cycles *cycles)
{
    arena_free(cycles->arena);
    *cycles = (struct cycles){0};
}
