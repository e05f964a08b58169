/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export/html_parts.h"
#include "export/html_text.h"
#include "graph/edge_label.h"
#include "graph/root_name.h"
#include "ouro/varint.h"

/* Nodes of the document that are no object. */
enum { NODE_ROOT, NODE_DEAD, NODES_FIXED };

/* What hangs below an object of the document and is none of its own, by type. */
struct rest_key {
    uint32_t parent, type;
};

struct rest {
    uint32_t parent, type;
    uint64_t objects, bytes;
};

struct tree {
    const struct report *report;
    const struct snapshot *snapshot;
    const struct retained *retained;
    const struct root_paths *paths;
    struct arena *arena;
    uint32_t *node;   /* object → its number in the document, NO_ID: it has none */
    uint32_t *object; /* of each node from NODES_FIXED on */
    const char **name;
    uint32_t nodes;
    struct rest *rests;
    uint32_t rest_count;
    FILE *out;
};

static uint64_t own_bytes(const struct snapshot *s, uint32_t object)
{
    return s->flags[object] & OURO_OBJECT_STATIC ? 0 : object_size(s, object);
}

static uint32_t parent_of(const struct tree *t, uint32_t object)
{
    uint32_t up = t->retained->dominators.parent[object];
    return up == DOMINATOR_ROOTS ? NODE_ROOT : up == DOMINATOR_DEAD ? NODE_DEAD : t->node[up];
}

/* The least bytes that at most `most` objects retain. */
static uint64_t threshold(const struct tree *t, uint32_t most)
{
    uint64_t low = 1, high = UINT64_C(1) << 63; /* too many at low − 1, few enough at high */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint32_t count = 0;
        for (uint32_t o = 0; o < t->snapshot->object_count; o++)
            count += t->retained->bytes[o] >= middle;
        if (count > most)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What an object retains its dominator retains, too: those above a threshold are a tree. */
static bool choose(struct tree *t, uint32_t most)
{
    const struct dominators *d = &t->retained->dominators;
    uint64_t least = threshold(t, most);
    t->node = malloc(((size_t)t->snapshot->object_count + 1) * sizeof *t->node);
    t->object = malloc(((size_t)most + NODES_FIXED + 1) * sizeof *t->object);
    t->name = calloc((size_t)most + NODES_FIXED + 1, sizeof *t->name);
    if (!t->node || !t->object || !t->name)
        return false;
    t->nodes = NODES_FIXED;
    for (uint32_t o = 0; o < t->snapshot->object_count; o++)
        t->node[o] = NO_ID;
    for (uint32_t i = 0; i < d->nodes; i++) {
        uint32_t o = d->order[i];
        if (t->retained->bytes[o] < least)
            continue;
        t->node[o] = t->nodes;
        t->object[t->nodes++] = o;
    }
    return true;
}

/* Steps that may be walked for the names of objects that several roots keep. */
#define STEPS_MOST (UINT64_C(1) << 22)

/* Roots have names of their own; what several of them keep is called by the whole path from one. */
static bool name_roots(struct tree *t)
{
    uint64_t steps = 0;
    for (uint32_t n = NODES_FIXED; n < t->nodes; n++) {
        uint32_t o = t->object[n];
        struct root_name name;
        struct root_path path;
        if (t->paths->roots->reason[o] != ROOT_NONE) {
            if (root_name_make(t->paths, o, false, t->arena, &name) < 0)
                return false;
            t->name[n] = name.text;
        } else if (parent_of(t, o) == NODE_ROOT && steps < STEPS_MOST) {
            if (root_path_find(t->paths, o, t->arena, &path) < 0)
                return false;
            t->name[n] = path.name;
            steps += path.length;
        }
    }
    return true;
}

/*
 * All others are called by the reference on the path from a root, behind "…" where that is not one of
 * the dominator's own. One pass over all references: looked up one by one, the items of a long list
 * would take the square of its length.
 */
static bool name_others(struct tree *t)
{
    const struct snapshot *s = t->snapshot;
    for (uint32_t o = 0; o < s->object_count; o++) {
        int64_t index = -1; /* of the previous edge that has one */
        for (uint64_t e = s->edge_first[o]; e < s->edge_first[o + 1]; e++) {
            uint32_t label = s->edge_label[e], kind = label & OURO_LABEL_KIND_MASK;
            uint32_t n = t->node[s->edge_target[e]];
            char number[32];
            if (kind == OURO_LABEL_INDEX)
                index += 1 + ouro_unzigzag(label >> OURO_LABEL_SHIFT);
            if (n == NO_ID || t->name[n] || !edge_counts(label, VIEW_STRONG))
                continue;
            uint32_t before = t->paths->before[t->object[n]];
            bool direct = t->retained->dominators.parent[t->object[n]] == o;
            if (before != o && (before != NO_ID || !direct)) /* no path leads to the dead */
                continue;
            const char *text = edge_label_text(t->arena, kind, edge_label_name(s, label));
            if (kind == OURO_LABEL_INDEX) {
                snprintf(number, sizeof number, "[%" PRId64 "]", index);
                text = number;
            }
            if (!text)
                return false;
            size_t room = strlen(text) + sizeof "…";
            char *name = arena_room(t->arena, room);
            if (!name)
                return false;
            snprintf(name, room, "%s%s", direct ? "" : "…", text);
            t->name[n] = name;
        }
    }
    return true;
}

static int rest_compare(const void *left, const void *right)
{
    const struct rest *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    return a->type < b->type ? -1 : a->type > b->type;
}

/* What each node has below it that is no node, with all below that. */
static bool rests_sum(struct tree *t)
{
    struct key_table keys;
    uint32_t room = 0;
    bool ok = false;
    key_table_init(&keys, sizeof(struct rest_key));
    for (uint32_t o = 0; o < t->snapshot->object_count; o++) {
        uint32_t number;
        if (t->node[o] != NO_ID)
            continue;
        struct rest_key key = {parent_of(t, o), t->report->order.rank[t->snapshot->type[o]]};
        if (key.parent == NO_ID) /* below another one that is counted */
            continue;
        if (!key_table_add(&keys, &key, &number))
            goto out;
        if (number >= t->rest_count) {
            if (number >= room) {
                room = room ? room * 2 : 256;
                struct rest *rests = realloc(t->rests, room * sizeof *rests);
                if (!rests)
                    goto out;
                t->rests = rests;
            }
            t->rests[t->rest_count++] = (struct rest){key.parent, key.type, 0, 0};
        }
        t->rests[number].objects++;
        t->rests[number].bytes += t->retained->bytes[o];
    }
    if (t->rest_count)
        qsort(t->rests, t->rest_count, sizeof *t->rests, rest_compare);
    ok = true;
out:
    key_table_free(&keys);
    return ok;
}

static void node_write(const struct tree *t, uint32_t n)
{
    const struct snapshot *s = t->snapshot;
    uint32_t o = t->object[n];
    fprintf(t->out, ",\n[%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32, parent_of(t, o),
            t->report->order.rank[s->type[o]], t->retained->bytes[o], own_bytes(s, o), o);
    html_string(t->out, ",", t->name[n] ? t->name[n] : "");
    fputs("]", t->out);
}

/* The largest of them by type, the others of a node together. */
static bool rests_write(const struct tree *t, uint32_t most)
{
    struct rest *others = calloc(t->nodes, sizeof *others);
    const char *comma = "\n";
    if (!others)
        return false;
    fputs("],\n\"rest\": [", t->out);
    for (uint32_t i = 0; i < t->rest_count; i++) {
        const struct rest *r = &t->rests[i];
        if (i < most) {
            fprintf(t->out, "%s[%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64 "]", comma, r->parent,
                    r->type, r->bytes, r->objects);
            comma = ",\n";
        } else {
            others[r->parent].bytes += r->bytes;
            others[r->parent].objects += r->objects;
        }
    }
    for (uint32_t n = 0; n < t->nodes; n++) {
        if (others[n].objects)
            fprintf(t->out, ",\n[%" PRIu32 ",-1,%" PRIu64 ",%" PRIu64 "]", n, others[n].bytes,
                    others[n].objects);
    }
    free(others);
    return true;
}

static bool tree_write(struct tree *t, uint32_t most)
{
    const struct report *r = t->report;
    uint64_t dead = 0; /* or what no root leads to, though the collector must take it for alive */
    for (uint32_t o = 0; o < t->snapshot->object_count; o++)
        dead += t->retained->dominators.parent[o] == DOMINATOR_DEAD ? t->retained->bytes[o] : 0;
    html_string(t->out, "{\"types\": [\n", "");
    for (uint32_t i = 1; i < r->order.count; i++)
        html_string(t->out, ",\n", r->order.name[i]);
    fprintf(t->out,
            "],\n\"bytes\": %" PRIu64 ", \"dead_bytes\": %" PRIu64 ",\n\"nodes\": [\n"
            "[-1,-1,%" PRIu64 ",0,-1,\"\"],\n[0,-1,%" PRIu64 ",0,-1,\"\"]",
            r->heap.bytes, dead, r->heap.bytes, dead);
    for (uint32_t n = NODES_FIXED; n < t->nodes; n++)
        node_write(t, n);
    bool ok = rests_write(t, most);
    fputs("]}", t->out);
    return ok;
}

int html_tree_write(FILE *out, const struct report *report, uint32_t most)
{
    const struct snapshot *s = report->snapshot;
    struct retained retained = {0};
    struct root_paths paths = {0};
    struct tree t = {.report = report,
                     .snapshot = s,
                     .retained = &retained,
                     .paths = &paths,
                     .arena = report->arena,
                     .out = out};
    int status = -1;
    if (!s) {
        fputs("null", out);
        return 0;
    }
    if (retained_find(s, &report->garbage, &retained) == 0 &&
        root_paths_build(s, &retained.roots, report->garbage.class, &paths) == 0 &&
        choose(&t, most) && name_roots(&t) && name_others(&t) && rests_sum(&t) &&
        tree_write(&t, most))
        status = 0;
    free(t.node);
    free(t.object);
    free(t.name);
    free(t.rests);
    root_paths_free(&paths);
    retained_free(&retained);
    return status;
}
