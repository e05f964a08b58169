/* SPDX-License-Identifier: MIT */
#include "heap_model.h"

#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

static void *resize(void *array, size_t count, size_t size)
{
    void *moved = realloc(array, (count + 1) * size);
    if (!moved)
        abort();
    return moved;
}

struct heap_model *heap_model_new(void)
{
    struct heap_model *m = resize(NULL, 1, sizeof *m);
    *m = (struct heap_model){0};
    m->snapshot = resize(NULL, 1, sizeof *m->snapshot);
    *m->snapshot = (struct snapshot){.number = 1, .whole = true, .loaded = true, .text = ""};
    m->snapshot->gc =
        (struct gc_state){.enabled = true, .generations = 3, .threshold = {700, 10, 10}};
    m->process = (struct process){.file = "test.trace",
                                  .runtime = "cpython",
                                  .runtime_version = "3.11.2",
                                  .snapshot_count = 1,
                                  .snapshots = m->snapshot,
                                  .ended = true};
    m->process.sites = resize(NULL, 1, sizeof *m->process.sites);
    m->process.rows = resize(NULL, 1, sizeof *m->process.rows);
    m->process.functions = resize(NULL, 1, sizeof *m->process.functions);
    m->process.sites[0] = (struct site){0};
    m->process.rows[0] = (struct row){0};
    m->process.functions[0] = (struct function_info){.file = "", .name = ""};
    heap_model_string(m, "");
    m->snapshot->string_count = 0;
    heap_model_type(m, "", 0);
    m->snapshot->type_count = 0;
    return m;
}

void heap_model_free(struct heap_model *m)
{
    struct snapshot *s = m->snapshot;
    free(m->process.sites);
    free(m->process.rows);
    free(m->process.functions);
    free(s->types);
    free(s->strings);
    free(s->address);
    free(s->type);
    free(s->size.low);
    free(s->refcount);
    free(s->flags);
    free(s->row);
    free(s->birth.low);
    free(s->edge_first);
    free(s->edge_target);
    free(s->edge_label);
    free(s->roots);
    free(s);
    free(m->edges);
    free(m->surplus);
    free(m);
}

uint32_t heap_model_type(struct heap_model *m, const char *name, uint32_t flags)
{
    struct snapshot *s = m->snapshot;
    uint32_t type = s->types ? ++s->type_count : 0;
    if (type >= m->type_room)
        s->types = resize(s->types, m->type_room = type * 2 + 8, sizeof *s->types);
    s->types[type] = (struct type_info){.name = name, .flags = flags};
    return type;
}

uint32_t heap_model_string(struct heap_model *m, const char *text)
{
    struct snapshot *s = m->snapshot;
    for (uint32_t i = 0; s->strings && i <= s->string_count; i++) {
        if (!strcmp(s->strings[i], text))
            return i;
    }
    uint32_t string = s->strings ? ++s->string_count : 0;
    if (string >= m->string_room)
        s->strings = resize(s->strings, m->string_room = string * 2 + 8, sizeof *s->strings);
    s->strings[string] = text;
    return string;
}

uint32_t heap_model_object(struct heap_model *m, uint32_t type, uint64_t size, uint32_t flags)
{
    struct snapshot *s = m->snapshot;
    uint32_t o = s->object_count++;
    if (o >= m->object_room) {
        uint32_t room = m->object_room = o * 2 + 64;
        s->address = resize(s->address, room, sizeof *s->address);
        s->type = resize(s->type, room, sizeof *s->type);
        s->size.low = resize(s->size.low, room, sizeof *s->size.low);
        s->refcount = resize(s->refcount, room, sizeof *s->refcount);
        s->flags = resize(s->flags, room, sizeof *s->flags);
        s->row = resize(s->row, room, sizeof *s->row);
        s->birth.low = resize(s->birth.low, room, sizeof *s->birth.low);
        m->surplus = resize(m->surplus, room, sizeof *m->surplus);
    }
    s->address[o] = 0x10000 + (uint64_t)o * 64;
    s->type[o] = type;
    s->size.low[o] = compact_low(&s->size, size); /* what is far is for tests of the loader */
    s->refcount[o] = 0;
    s->flags[o] = (uint16_t)flags;
    s->row[o] = 0;
    s->birth.low[o] = 0;
    m->surplus[o] = 0;
    return o;
}

void heap_model_birth(struct heap_model *m, uint32_t object, uint64_t clock)
{
    struct snapshot *s = m->snapshot;
    s->birth.low[object] = compact_low(&s->birth, clock / OURO_CLOCK_UNIT);
}

void heap_model_edge(struct heap_model *m, uint32_t source, uint32_t target, uint32_t kind,
                     const char *name)
{
    uint32_t string = name ? heap_model_string(m, name) : 0;
    if (m->edge_count == m->edge_room)
        m->edges = resize(m->edges, m->edge_room = m->edge_room * 2 + 64, sizeof *m->edges);
    m->edges[m->edge_count++] =
        (struct heap_model_edge){source, target, kind | string << OURO_LABEL_SHIFT};
}

void heap_model_root(struct heap_model *m, enum ouro_root_kind kind, uint32_t target,
                     const char *name)
{
    struct snapshot *s = m->snapshot;
    if (s->root_count == m->root_room)
        s->roots = resize(s->roots, m->root_room = m->root_room * 2 + 8, sizeof *s->roots);
    s->roots[s->root_count++] = (struct root){
        .kind = kind, .target = target, .name = name, .function = "", .file = "", .thread = ""};
    m->surplus[target]++;
}

void heap_model_finish(struct heap_model *m)
{
    struct snapshot *s = m->snapshot;
    uint32_t n = s->object_count;
    s->edge_count = m->edge_count;
    s->edge_first = resize(s->edge_first, n + 2u, sizeof *s->edge_first);
    s->edge_target = resize(s->edge_target, m->edge_count, sizeof *s->edge_target);
    s->edge_label = resize(s->edge_label, m->edge_count, sizeof *s->edge_label);
    memset(s->edge_first, 0, (n + 2u) * sizeof *s->edge_first);
    memset(s->refcount, 0, n * sizeof *s->refcount);
    for (uint64_t e = 0; e < m->edge_count; e++)
        s->edge_first[m->edges[e].source + 1]++;
    for (uint32_t o = 0; o < n; o++)
        s->edge_first[o + 1] += s->edge_first[o];
    for (uint64_t e = m->edge_count; e-- > 0;) { /* from behind: first[o + 1] is o's free end */
        uint32_t at = --s->edge_first[m->edges[e].source + 1];
        s->edge_target[at] = m->edges[e].target;
        s->edge_label[at] = m->edges[e].label;
        s->refcount[m->edges[e].target] += edge_counts(m->edges[e].label, VIEW_STRONG);
    }
    /* Each entry has sunk to the start of its object: move them back up by one. */
    for (uint32_t o = 0; o < n; o++)
        s->edge_first[o] = s->edge_first[o + 1];
    s->edge_first[n] = (uint32_t)m->edge_count;
    for (uint32_t o = 0; o < n; o++) {
        int64_t count = (int64_t)s->refcount[o] + m->surplus[o];
        bool immortal = s->flags[o] & OURO_OBJECT_IMMORTAL;
        s->refcount[o] = count < 0 || immortal ? 0 : (uint32_t)count;
    }
}

struct heap_model *heap_model_renumber(const struct heap_model *m, const uint32_t *number)
{
    const struct snapshot *s = m->snapshot;
    struct heap_model *to = heap_model_new();
    uint32_t *old = resize(NULL, s->object_count, sizeof *old);
    to->snapshot->gc = s->gc;
    for (uint32_t t = 1; t <= s->type_count; t++)
        heap_model_type(to, s->types[t].name, s->types[t].flags);
    for (uint32_t i = 1; i <= s->string_count; i++)
        heap_model_string(to, s->strings[i]);
    for (uint32_t o = 0; o < s->object_count; o++)
        old[number[o]] = o;
    for (uint32_t o = 0; o < s->object_count; o++) {
        heap_model_object(to, s->type[old[o]], object_size(s, old[o]), s->flags[old[o]]);
        to->snapshot->row[o] = s->row[old[o]];
        heap_model_birth(to, o, object_birth(s, old[o]));
        to->surplus[o] = m->surplus[old[o]];
    }
    for (uint64_t e = 0; e < m->edge_count; e++) {
        struct heap_model_edge edge = m->edges[e];
        heap_model_edge(to, number[edge.source], number[edge.target],
                        edge.label & ((1u << OURO_LABEL_SHIFT) - 1),
                        s->strings[edge.label >> OURO_LABEL_SHIFT]);
    }
    for (uint32_t r = 0; r < s->root_count; r++) {
        heap_model_root(to, s->roots[r].kind, number[s->roots[r].target], s->roots[r].name);
        to->surplus[number[s->roots[r].target]]--; /* it is in the surplus copied above */
    }
    heap_model_finish(to);
    free(old);
    return to;
}

uint32_t heap_model_random(uint64_t *state, uint32_t below)
{
    *state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 32) % below;
}
