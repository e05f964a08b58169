/* SPDX-License-Identifier: MIT */
/*
 * References that the writer found after it had written their objects. They are few, and go behind
 * the other edges of their objects when everything is read.
 */
#include <string.h>

#include "load/loader.h"

enum load_status load_found(struct loader *loader, struct snapshot_load *load, struct cursor *c)
{
    struct snapshot *s = &load->model;
    uint32_t count = cursor_count(c, 3);
    uint64_t object = load->found_count ? load->found[load->found_count - 1].object : 0;
    uint64_t last = object;
    if (c->failed || count > load_edges_most(load))
        return LOAD_DAMAGED;
    if (!load_grow(loader, &load->found, &load->found_room, (uint64_t)load->found_count + count,
                   sizeof *load->found))
        return LOAD_MEMORY;
    object = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct found_edge edge;
        object += cursor_id(c, NO_ID - 1);
        edge.object = (uint32_t)object;
        edge.target = cursor_id(c, NO_ID - 1);
        edge.label = cursor_id(c, UINT32_MAX);
        if (c->failed || object < last || object >= s->object_count)
            return LOAD_DAMAGED;
        if (load_label_names(edge.label) && edge.label >> OURO_LABEL_SHIFT > s->string_count)
            return LOAD_DAMAGED;
        last = object;
        if (edge.target > load->max_target)
            load->max_target = edge.target;
        load->found[load->found_count++] = edge;
    }
    return LOAD_OK;
}

bool load_found_finish(struct loader *loader, struct snapshot_load *load)
{
    struct snapshot *s = &load->model;
    uint32_t left = load->found_count;
    if (!left)
        return true;
    if (!load_reserve_edges(loader, load, left))
        return false;
    s->found_target = arena_alloc(loader->arena, left, sizeof *s->found_target);
    if (!s->found_target)
        return false;
    for (uint32_t f = 0; f < left; f++) {
        bool named = (load->found[f].label & OURO_LABEL_KIND_MASK) != OURO_LABEL_NONE;
        if (!named && load->found[f].target < s->object_count)
            s->found_target[s->found_count++] = load->found[f].target;
    }
    /* From the last object to the first, so that nothing is overwritten before it has moved. */
    uint32_t end = (uint32_t)s->edge_count;
    s->edge_count += left;
    for (uint32_t o = s->object_count; left && o-- > 0;) {
        uint32_t first = s->edge_first[o];
        s->edge_first[o + 1] = end + left;
        for (; left && load->found[left - 1].object == o; left--) {
            s->edge_target[end + left - 1] = load->found[left - 1].target;
            s->edge_label[end + left - 1] = load->found[left - 1].label;
        }
        memmove(s->edge_target + first + left, s->edge_target + first,
                (size_t)(end - first) * sizeof *s->edge_target);
        memmove(s->edge_label + first + left, s->edge_label + first,
                (size_t)(end - first) * sizeof *s->edge_label);
        end = first;
    }
    arena_release(loader->arena, load->found);
    load->found = NULL;
    return true;
}
