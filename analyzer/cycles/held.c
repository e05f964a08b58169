/* SPDX-License-Identifier: MIT */
#include "cycles/held.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cycles/cycle_break.h"
#include "cycles/cycle_roots.h"
#include "graph/root_paths.h"
#include "structure/key_table.h"
#include "structure/sorted.h"
#include "structure/worklist.h"

struct finder {
    const struct process *process;
    const struct snapshot *snapshot;
    const struct type_order *order;
    const struct site_table *sites;
    const struct garbage *garbage;
    struct heap_roots roots;
    struct key_table keys;     /* of groups: type, site */
    const uint32_t *candidate; /* objects with references nothing is known of, ascending */
    uint32_t candidates;
    uint32_t *group; /* of each candidate, or NO_ID */
};

static uint32_t group_of(const struct finder *f, uint32_t object)
{
    uint32_t at = sorted_find(f->candidate, f->candidates, object);
    return at < f->candidates ? f->group[at] : NO_ID;
}

/* Types the runtime itself holds from memory that is not known: C variables (the first use of compile()
 * makes classes that are there), the state of a thread. */
static bool is_runtimes_own(const char *type)
{
    return !strcmp(type, "type") || !strcmp(type, "_thread._localdummy");
}

/*
 * Whether an unknown reference to an object can be told from what the runtime itself keeps: it must have
 * been made by a line of the program.
 */
static bool is_suspect(const struct finder *f, uint32_t object)
{
    const struct snapshot *s = f->snapshot;
    if ((s->flags[object] & OURO_OBJECT_INTERNED) ||
        is_runtimes_own(s->types[s->type[object]].name) ||
        !site_table_has(f->sites, s->row[object]))
        return false;
    uint32_t site = site_table_of_row(f->sites, s->row[object]);
    return site && !site_is_library(f->process, site);
}

/* Gives suspects their groups. */
static bool suspects_group(struct finder *f)
{
    f->candidates = f->roots.unknown_count;
    f->candidate = f->roots.object + (f->roots.count - f->candidates);
    f->group = malloc(((size_t)f->candidates + 1) * sizeof *f->group);
    if (!f->group)
        return false;
    for (uint32_t i = 0; i < f->candidates; i++) {
        uint32_t o = f->candidate[i];
        f->group[i] = NO_ID;
        if (!is_suspect(f, o))
            continue;
        uint32_t key[2] = {f->order->rank[f->snapshot->type[o]],
                           site_table_of_row(f->sites, f->snapshot->row[o])};
        if (!key_table_add(&f->keys, key, &f->group[i]))
            return false;
    }
    return true;
}

static void example_add(const struct snapshot *s, struct held_group *group, uint32_t object)
{
    uint32_t most = sizeof group->example / sizeof *group->example, at = group->example_count;
    while (at && object_birth(s, group->example[at - 1]) > object_birth(s, object))
        at--;
    if (at == most)
        return;
    group->example_count += group->example_count < most;
    for (uint32_t i = group->example_count - 1; i > at; i--)
        group->example[i] = group->example[i - 1];
    group->example[at] = object;
}

/* How many objects of a type at one line are a leak. */
static uint64_t least_of(const char *type)
{
    static const char *const parts[] = {"str", "bytes", "tuple", "code"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!strcmp(type, parts[i]))
            return HELD_LEAST_CODE;
    }
    return strchr(type, '.') ? HELD_LEAST : HELD_LEAST_BUILTIN;
}

/* Counts the suspects of each group, and forgets groups that have too few. */
static int groups_count(struct finder *f, struct arena *arena, struct held *held)
{
    uint32_t *number = malloc(((size_t)f->keys.count + 1) * sizeof *number);
    uint64_t *count = calloc((size_t)f->keys.count + 1, sizeof *count);
    int status = -1;
    if (!number || !count)
        goto out;
    for (uint32_t i = 0; i < f->candidates; i++) {
        if (f->group[i] != NO_ID)
            count[f->group[i]]++;
    }
    for (uint32_t g = 0; g < f->keys.count; g++) {
        uint32_t type;
        memcpy(&type, key_table_key(&f->keys, g), sizeof type);
        number[g] = count[g] < least_of(f->order->name[type]) ? NO_ID : held->group_count++;
    }
    held->groups = arena_alloc(arena, held->group_count, sizeof *held->groups);
    if (!held->groups)
        goto out;
    for (uint32_t g = 0; g < f->keys.count; g++) {
        uint32_t key[2];
        memcpy(key, key_table_key(&f->keys, g), sizeof key);
        if (number[g] != NO_ID)
            held->groups[number[g]] =
                (struct held_group){.type = f->order->name[key[0]], .site = key[1]};
    }
    size_t room = (size_t)f->snapshot->object_count + 1;
    if (held->group_count && (!(held->kept = calloc(room, 1)) ||
                              !(held->references = calloc(room, sizeof *held->references))))
        goto out;
    for (uint32_t i = 0; i < f->candidates; i++) {
        if (f->group[i] == NO_ID || (f->group[i] = number[f->group[i]]) == NO_ID)
            continue;
        struct held_group *group = &held->groups[f->group[i]];
        group->count++;
        group->references += f->roots.unknown[i];
        held->references[f->candidate[i]] = f->roots.unknown[i];
        example_add(f->snapshot, group, f->candidate[i]);
    }
    status = 0;
out:
    free(number);
    free(count);
    return status;
}

/* Marks in seen what the objects on the list lead to. */
static bool reach(const struct snapshot *s, const uint8_t *class, struct worklist *list,
                  uint8_t *seen)
{
    while (list->count) {
        uint32_t o = list->items[--list->count];
        for (uint64_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
            uint32_t target = s->edge_target[e];
            if (seen[target] || class[target] || !edge_counts(s->edge_label[e], VIEW_STRONG))
                continue;
            seen[target] = 1;
            if (!worklist_push(list, target))
                return false;
        }
    }
    return true;
}

/* What is kept by the groups' objects alone: held->kept. */
static int kept_find(const struct finder *f, struct held *held)
{
    const struct snapshot *s = f->snapshot;
    const uint8_t *class = f->garbage->class;
    struct worklist list = {0};
    int status = -1;
    uint8_t *known = calloc((size_t)s->object_count + 1, 1);
    if (!known)
        return -1;
    for (uint32_t r = 0; r < f->roots.count; r++) {
        uint32_t o = f->roots.object[r], first = f->roots.count - f->candidates;
        if (r >= first && f->group[r - first] != NO_ID)
            continue;
        known[o] = 1;
        if (!worklist_push(&list, o))
            goto out;
    }
    if (!reach(s, class, &list, known))
        goto out;
    /* What is known is a wall to the second search: it is marked as if it had been seen. */
    memcpy(held->kept, known, s->object_count);
    for (uint32_t i = 0; i < f->candidates; i++) {
        uint32_t o = f->candidate[i];
        if (f->group[i] == NO_ID)
            continue;
        held->groups[f->group[i]].reachable += known[o];
        if (held->kept[o])
            continue;
        held->kept[o] = 1;
        if (!worklist_push(&list, o))
            goto out;
    }
    if (!reach(s, class, &list, held->kept))
        goto out;
    for (uint32_t o = 0; o < s->object_count; o++)
        held->kept[o] &= !known[o];
    status = 0;
out:
    free(known);
    worklist_free(&list);
    return status;
}

/* Gives what is kept to its group, or to several. */
static int bytes_share(const struct finder *f, struct held *held)
{
    const struct snapshot *s = f->snapshot;
    struct cycle_roots roots = {0};
    uint32_t *owner_of = NULL, *owner = NULL;
    int status = -1;
    if (subgraph_build(s, held->kept, VIEW_STRONG, &roots.graph) < 0 ||
        scc_find(&roots.graph.csr, &roots.scc) < 0)
        goto out;
    uint32_t nodes = roots.graph.csr.nodes;
    roots.component = malloc(((size_t)nodes + 1) * sizeof *roots.component);
    owner_of = malloc(((size_t)nodes + 1) * sizeof *owner_of);
    owner = malloc(((size_t)roots.scc.count + 1) * sizeof *owner);
    if (!roots.component || !owner_of || !owner)
        goto out;
    for (uint32_t v = 0; v < nodes; v++) {
        uint32_t group = group_of(f, roots.graph.object[v]);
        if (group == NO_ID)
            continue;
        owner_of[roots.count] = group;
        roots.component[roots.count++] = roots.scc.component[v];
    }
    cycle_roots_assign(&roots, owner_of, owner);
    for (uint32_t v = 0; v < nodes; v++) {
        uint32_t o = roots.graph.object[v], group = owner[roots.scc.component[v]];
        uint64_t bytes = s->flags[o] & OURO_OBJECT_STATIC ? 0 : object_size(s, o);
        held->objects++;
        held->bytes += bytes;
        if (group >= OWNER_SHARED)
            continue;
        held->groups[group].objects++;
        held->groups[group].bytes += bytes;
    }
    status = 0;
out:
    free(owner_of);
    free(owner);
    cycle_roots_free(&roots);
    return status;
}

static int reason_make(struct held_group *g, struct arena *arena)
{
    char text[400], each[64] = "";
    if (g->count > 1 && g->references % g->count == 0)
        snprintf(each, sizeof each, ", %" PRIu64 " each", g->references / g->count);
    snprintf(text, sizeof text,
             "held by %" PRIu64 " unknown reference%s%s: the count of each is higher than all "
             "references to it that are known",
             g->references, g->references == 1 ? "" : "s", each);
    g->reason = arena_copy(arena, text, strlen(text));
    g->hint = cycle_break_hint(arena, pattern_find(HELD_PATTERN)->hint, "", g->type);
    return g->reason && g->hint ? 0 : -1;
}

static int group_compare(const void *left, const void *right)
{
    const struct held_group *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    int order = strcmp(a->type, b->type);
    return order ? order : (a->site > b->site) - (a->site < b->site);
}

int held_find(const struct process *process, const struct snapshot *snapshot,
              const struct type_order *order, const struct site_table *sites,
              const struct garbage *garbage, struct arena *arena, struct held *held)
{
    struct finder f = {
        .process = process,
        .snapshot = snapshot,
        .order = order,
        .sites = sites,
        .garbage = garbage,
    };
    int status = -1;
    *held = (struct held){0};
    key_table_init(&f.keys, 2 * sizeof(uint32_t));
    if (heap_roots_find(snapshot, garbage->class, &f.roots) < 0 || !suspects_group(&f) ||
        groups_count(&f, arena, held) < 0)
        goto out;
    if (held->group_count && (kept_find(&f, held) < 0 || bytes_share(&f, held) < 0))
        goto out;
    for (uint32_t g = 0; g < held->group_count; g++) {
        if (reason_make(&held->groups[g], arena) < 0)
            goto out;
    }
    qsort(held->groups, held->group_count, sizeof *held->groups, group_compare);
    status = 0;
out:
    heap_roots_free(&f.roots);
    key_table_free(&f.keys);
    free(f.group);
    return status;
}

void held_free(struct held *held)
{
    free(held->kept);
    free(held->references);
    *held = (struct held){0};
}
