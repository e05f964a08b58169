/* SPDX-License-Identifier: MIT */
/* Samples of the values of what died. The chunk has all of them so far: a later one replaces it. */
#include "load/loader.h"

#include "text/text.h"

static enum load_status totals(struct loader *loader, struct process *p, struct cursor *c)
{
    uint32_t count = cursor_count(c, 3), room = 0;
    if (c->failed)
        return LOAD_DAMAGED;
    p->sampled_rows = NULL;
    p->sampled_row_count = 0;
    if (!load_grow(loader, &p->sampled_rows, &room, count, sizeof *p->sampled_rows))
        return LOAD_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        struct sampled_row row;
        row.row = cursor_id(c, p->row_count);
        row.samples = cursor_bounded(c, UINT64_C(1) << 48);
        row.objects = cursor_bounded(c, UINT64_C(1) << 56);
        if (c->failed)
            return LOAD_DAMAGED;
        p->sampled_rows[p->sampled_row_count++] = row;
    }
    return LOAD_OK;
}

enum load_status load_value_samples(struct loader *loader, struct cursor *c)
{
    struct process *p = loader->process;
    p->sampled_every = cursor_bounded(c, UINT64_C(1) << 40);
    p->sampled_values = NULL;
    p->sampled_value_count = 0;
    enum load_status status = totals(loader, p, c);
    if (status != LOAD_OK)
        return status;
    uint32_t count = cursor_count(c, 6), room = 0;
    if (c->failed)
        return LOAD_DAMAGED;
    if (!load_grow(loader, &p->sampled_values, &room, count, sizeof *p->sampled_values))
        return LOAD_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        struct sampled_value value;
        value.row = cursor_id(c, p->row_count);
        value.samples = cursor_bounded(c, UINT64_C(1) << 48);
        value.objects = cursor_bounded(c, UINT64_C(1) << 56);
        value.length = cursor_varint(c);
        value.flags = (uint32_t)cursor_varint(c);
        struct cursor preview = cursor_part(c);
        if (c->failed)
            return LOAD_DAMAGED;
        value.preview = text_escape(loader->arena, preview.at, cursor_left(&preview),
                                    value.flags & OURO_VALUE_BYTES ? TEXT_BYTES : TEXT_VALUE);
        if (!value.preview)
            return LOAD_MEMORY;
        p->sampled_values[p->sampled_value_count++] = value;
    }
    return LOAD_OK;
}
