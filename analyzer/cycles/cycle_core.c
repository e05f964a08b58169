/* SPDX-License-Identifier: MIT */
#include "cycles/cycle_core.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "graph/edge_label.h"
#include "graph/owner_map.h"
#include "structure/key_table.h"

/* A data dict whose keys say what a value is (parent, children) has few of them. With more, keys are
 * data and are not shown. */
#define KEYS_SHOWN 8

/* Bits of the second word of a step's provisional key, above the label kind. */
#define DATA_KEY 0x100u

struct builder {
    const struct snapshot *snapshot;
    const struct type_order *order;
    const uint32_t *owner;
    const struct subgraph *graph;
    const struct scc *scc;
    const uint32_t *root;
    uint32_t *node; /* node of the graph → node of the core; for members of root cycles only */
    struct key_table keys; /* provisional steps: source, kind, string, target */
};

/* The member of a component that is an object, or NO_ID. Members ascend, and with them objects. */
static uint32_t member_find(const struct builder *b, uint32_t component, uint32_t object)
{
    uint32_t low = b->scc->first[component], high = b->scc->first[component + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t at = b->graph->object[b->scc->member[middle]];
        if (at == object)
            return b->scc->member[middle];
        if (at < object)
            low = middle + 1;
        else
            high = middle;
    }
    return NO_ID;
}

/* The member a member is collapsed into: the outermost owner within the component, or itself. */
static uint32_t representative(const struct builder *b, uint32_t component, uint32_t member)
{
    uint32_t object = b->graph->object[member];
    while ((object = b->owner[object]) != NO_ID) {
        uint32_t found = member_find(b, component, object);
        if (found != NO_ID)
            member = found;
    }
    return member;
}

/* Numbers the nodes and sums up their bytes. */
static int nodes_build(struct builder *b, struct cycle_core *core)
{
    uint32_t members = 0, nodes = 0;
    for (uint32_t c = 0; c < core->cycles; c++)
        members += b->scc->first[b->root[c] + 1] - b->scc->first[b->root[c]];
    b->node = malloc(((size_t)b->graph->csr.nodes + 1) * sizeof *b->node);
    core->object = malloc(((size_t)members + 1) * sizeof *core->object);
    core->bytes = calloc((size_t)members + 1, sizeof *core->bytes);
    core->cycle_first = malloc(((size_t)core->cycles + 1) * sizeof *core->cycle_first);
    if (!b->node || !core->object || !core->bytes || !core->cycle_first)
        return -1;
    for (uint32_t c = 0; c < core->cycles; c++) {
        uint32_t component = b->root[c];
        uint32_t first = b->scc->first[component], end = b->scc->first[component + 1];
        core->cycle_first[c] = nodes;
        for (uint32_t i = first; i < end; i++) {
            uint32_t member = b->scc->member[i];
            if (representative(b, component, member) == member) {
                core->object[nodes] = b->graph->object[member];
                b->node[member] = nodes++;
            }
        }
        for (uint32_t i = first; i < end; i++) {
            uint32_t member = b->scc->member[i];
            uint32_t object = b->graph->object[member];
            b->node[member] = b->node[representative(b, component, member)];
            if (!(b->snapshot->flags[object] & OURO_OBJECT_STATIC))
                core->bytes[b->node[member]] += object_size(b->snapshot, object);
        }
    }
    core->cycle_first[core->cycles] = nodes;
    core->csr.nodes = nodes;
    return 0;
}

/* Whether edge e of a member stays within its cycle and is not the mere tie of owner and part. */
static bool edge_kept(const struct builder *b, uint32_t member, uint64_t e)
{
    uint32_t target = b->graph->csr.target[e];
    return b->scc->component[target] == b->scc->component[member] &&
           b->owner[b->graph->object[target]] != b->graph->object[member];
}

/* The provisional step of an edge. */
static bool step_add(struct builder *b, const struct cycle_core *core, uint32_t member, uint64_t e,
                     uint32_t *step)
{
    uint32_t label = b->graph->label[e], kind = label & OURO_LABEL_KIND_MASK;
    uint32_t object = b->graph->object[member];
    uint32_t source = core->object[b->node[member]];
    uint32_t target = core->object[b->node[b->graph->csr.target[e]]];
    const char *name = edge_label_name(b->snapshot, label);
    uint32_t key[4] = {
        b->order->rank[b->snapshot->type[source]],
        kind,
        *name ? label >> OURO_LABEL_SHIFT : 0,
        b->order->rank[b->snapshot->type[target]],
    };
    /* The keys of a class's or module's table say what a value is, those of data do not. */
    if (kind == OURO_LABEL_KEY && !(b->snapshot->flags[object] & OURO_OBJECT_NAMESPACE))
        key[1] |= DATA_KEY;
    return key_table_add(&b->keys, key, step);
}

/* Fills the references, with provisional steps. */
static int edges_build(struct builder *b, struct cycle_core *core)
{
    uint32_t *first = core->csr.first = calloc((size_t)core->csr.nodes + 2, sizeof *first);
    if (!first)
        return -1;
    for (int filling = 0; filling < 2; filling++) {
        for (uint32_t c = 0; c < core->cycles; c++) {
            uint32_t end = b->scc->first[b->root[c] + 1];
            for (uint32_t i = b->scc->first[b->root[c]]; i < end; i++) {
                uint32_t member = b->scc->member[i], node = b->node[member];
                for (uint64_t e = b->graph->csr.first[member]; e < b->graph->csr.first[member + 1];
                     e++) {
                    if (!edge_kept(b, member, e))
                        continue;
                    if (!filling) {
                        first[node + 2]++;
                        continue;
                    }
                    uint64_t at = first[node + 1]++;
                    core->csr.target[at] = b->node[b->graph->csr.target[e]];
                    if (!step_add(b, core, member, e, &core->step[at]))
                        return -1;
                }
            }
        }
        if (filling)
            break;
        for (uint32_t n = 0; n < core->csr.nodes; n++)
            first[n + 2] += first[n + 1];
        uint64_t edges = first[core->csr.nodes + 1];
        core->csr.target = malloc((edges + 1) * sizeof *core->csr.target);
        core->step = malloc((edges + 1) * sizeof *core->step);
        if (!core->csr.target || !core->step)
            return -1;
    }
    return 0;
}

struct draft {
    uint32_t source, kind, target, number;
    const char *name;
};

/* Order of steps: by the texts, keys of one place next to each other. */
static int place_compare(const struct draft *a, const struct draft *b)
{
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind & DATA_KEY && a->target != b->target)
        return a->target < b->target ? -1 : 1;
    return 0;
}

static int draft_compare(const void *left, const void *right)
{
    const struct draft *a = left, *b = right;
    int order = place_compare(a, b);
    if (!order)
        order = strcmp(a->name, b->name);
    return order ? order : (a->target > b->target) - (a->target < b->target);
}

static uint64_t step_hash(const struct type_order *order, const struct draft *draft)
{
    XXH3_state_t state;
    uint8_t kind = (uint8_t)(draft->kind & OURO_LABEL_KIND_MASK);
    const char *text[3] = {order->name[draft->source], draft->kind & DATA_KEY ? "" : draft->name,
                           order->name[draft->target]};
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, &kind, 1);
    for (int i = 0; i < 3; i++)
        XXH3_64bits_update(&state, text[i], strlen(text[i]) + 1);
    return XXH3_64bits_digest(&state);
}

/* Whether objects of a type are made with a reference and keep it until they die. */
static bool is_fixed(const char *type, const struct draft *draft)
{
    static const char *const types[] = {
        "tuple", "frozenset",         "method",       "builtin_function_or_method", "traceback",
        "type",  "functools.partial", "mappingproxy",
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!strcmp(type, types[i]))
            return draft->kind != OURO_LABEL_ATTRIBUTE || strcmp(type, "type") != 0 ||
                   !strncmp(draft->name, "__", 2);
    }
    return !strcmp(type, "function") &&
           (!strcmp(draft->name, "__closure__") || !strcmp(draft->name, "__globals__"));
}

/* Sorts the provisional steps, forgets keys where there are too many, and renumbers the edges. */
static int steps_build(struct builder *b, struct cycle_core *core)
{
    uint32_t count = b->keys.count;
    struct draft *drafts = malloc(((size_t)count + 1) * sizeof *drafts);
    uint32_t *number = malloc(((size_t)count + 1) * sizeof *number);
    core->steps = malloc(((size_t)count + 1) * sizeof *core->steps);
    if (!drafts || !number || !core->steps) {
        free(drafts);
        free(number);
        return -1;
    }
    for (uint32_t n = 0; n < count; n++) {
        uint32_t key[4];
        memcpy(key, key_table_key(&b->keys, n), sizeof key);
        drafts[n] = (struct draft){key[0], key[1], key[3], n, b->snapshot->strings[key[2]]};
    }
    qsort(drafts, count, sizeof *drafts, draft_compare);
    for (uint32_t i = 0, end; i < count; i = end) {
        uint32_t names = 1;
        for (end = i + 1; end < count && !place_compare(&drafts[i], &drafts[end]); end++)
            names += strcmp(drafts[end].name, drafts[end - 1].name) != 0;
        for (uint32_t j = i; names > KEYS_SHOWN && (drafts[i].kind & DATA_KEY) && j < end; j++)
            drafts[j].name = "";
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct draft *draft = &drafts[i];
        if (i == 0 || draft_compare(&drafts[i - 1], draft) != 0)
            core->steps[core->step_count++] = (struct step){
                .source = draft->source,
                .target = draft->target,
                .kind = draft->kind & OURO_LABEL_KIND_MASK,
                .name = draft->name,
                .fixed = is_fixed(b->order->name[draft->source], draft),
                .hash = step_hash(b->order, draft),
            };
        number[draft->number] = core->step_count - 1;
    }
    for (uint64_t e = 0; e < core->csr.first[core->csr.nodes]; e++)
        core->step[e] = number[core->step[e]];
    free(drafts);
    free(number);
    return 0;
}

int cycle_core_build(const struct snapshot *snapshot, const struct type_order *order,
                     const uint32_t *owner, const struct subgraph *graph, const struct scc *scc,
                     const uint32_t *root, uint32_t roots, struct cycle_core *core)
{
    *core = (struct cycle_core){.cycles = roots};
    struct builder b = {snapshot, order, owner, graph, scc, root, NULL, {0}};
    key_table_init(&b.keys, 4 * sizeof(uint32_t));
    int status = -1;
    if (!nodes_build(&b, core) && !edges_build(&b, core) && !steps_build(&b, core))
        status = 0;
    key_table_free(&b.keys);
    free(b.node);
    return status;
}

void cycle_core_free(struct cycle_core *core)
{
    free(core->cycle_first);
    free(core->csr.first);
    free(core->csr.target);
    free(core->step);
    free(core->object);
    free(core->bytes);
    free(core->steps);
    *core = (struct cycle_core){0};
}

static bool listed(const uint32_t *steps, uint32_t count, uint32_t step)
{
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i] == step)
            return true;
    }
    return false;
}

int cycle_core_acyclic_without(const struct cycle_core *core, uint32_t cycle, const uint32_t *steps,
                               uint32_t count)
{
    uint32_t first = core->cycle_first[cycle], end = core->cycle_first[cycle + 1];
    uint32_t *referrers = calloc((size_t)(end - first) + 1, sizeof *referrers);
    uint32_t *ready = malloc(((size_t)(end - first) + 1) * sizeof *ready);
    int acyclic = -1;
    if (referrers && ready) {
        /* Kahn's algorithm: take away what nothing refers to until nothing is left, or a cycle. */
        uint32_t taken = 0, found = 0;
        for (uint64_t e = core->csr.first[first]; e < core->csr.first[end]; e++)
            referrers[core->csr.target[e] - first] += !listed(steps, count, core->step[e]);
        for (uint32_t n = first; n < end; n++) {
            if (!referrers[n - first])
                ready[found++] = n;
        }
        while (taken < found) {
            uint32_t n = ready[taken++];
            for (uint64_t e = core->csr.first[n]; e < core->csr.first[n + 1]; e++) {
                uint32_t target = core->csr.target[e];
                if (!listed(steps, count, core->step[e]) && --referrers[target - first] == 0)
                    ready[found++] = target;
            }
        }
        acyclic = found == end - first;
    }
    free(referrers);
    free(ready);
    return acyclic;
}
